/**
 * The wire of an internal extension: a part of this process that Lambda also tells of each
 * invocation, and waits for before it freezes the sandbox. It is HTTP written by hand: Lambda takes
 * registrations until the runtime asks for its first invocation, and the current runtime client
 * does so in the very microtasks that follow the load of the handler's module. A request of
 * `node:http` leaves some ticks later, and was refused each time.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
 */
import type { Socket } from "node:net";

/** The others, SHUTDOWN above all, are refused to internal extensions. */
const REGISTRATION = 'name: edgespan\r\ncontent-length: 21\r\n\r\n{"events":["INVOKE"]}';

const RETRY_MS = 100;
/** How often a connection that is not there yet is tried, and the pause in between. */
const TRIES = 10;
const PAUSE_MS = 0.2;

/**
 * Registers before it returns, and serves each invocation by its request id: Lambda waits for
 * `serve` with the next. Where it is refused nothing follows, and nothing here keeps the
 * process alive.
 * @param api `host:port` of the Runtime API
 */
export function extend(
  api: string,
  onRegistered: () => void,
  serve: (requestId: string) => Promise<unknown>,
): void {
  let request = requestOf("POST", "register", REGISTRATION);
  let isRegistered = false;
  let isAsking = true;
  let answer = "";
  let socket: Socket;

  function open(): void {
    socket = connectNow(api);
    socket.unref().setEncoding("utf8");
    socket.on("error", () => {}).on("data", read);
    socket.on("close", () => {
      if (isRegistered && isAsking) setTimeout(open, RETRY_MS).unref();
    });
    writeNow(socket, request);
  }

  function read(chunk: string): void {
    answer += chunk;
    const wanted = isRegistered ? /"requestId" *: *"([^"]+)"/ : /identifier: *(\S+)\r/i;
    const [, id] = wanted.exec(answer) ?? [];
    if (!id || !isAsking) return;
    isAsking = false;
    if (isRegistered) return void serve(id).then(ask);
    isRegistered = true;
    request = requestOf("GET", "event/next", `identifier: ${id}\r\n\r\n`);
    onRegistered();
    ask();
  }

  function ask(): void {
    isAsking = true;
    answer = "";
    if (socket.writable) socket.write(request);
    else open();
  }

  open();
}

function requestOf(method: string, path: string, rest: string): string {
  return `${method} /2020-01-01/extension/${path} HTTP/1.1\r\nhost: lambda\r\nlambda-extension-${rest}`;
}

/**
 * With an address node connects in the next tick, so that tick is made this one. By a name it
 * would connect at once, but first load its resolver, which takes longer than all else here.
 */
function connectNow(api: string): Socket {
  const [host = "", port] = api.split(":");
  const { connect } = process.getBuiltinModule("node:net");
  // oxlint-disable-next-line unbound-method -- it is put back as it was
  const { nextTick } = process;
  process.nextTick = (run: (...args: unknown[]) => void, ...args: unknown[]) => run(...args);
  try {
    return connect({ host, port: Number(port) });
  } finally {
    process.nextTick = nextTick;
  }
}

/** Writes before the socket tells that it is connected: over loopback it is when `connect` returns. */
function writeNow(socket: Socket, text: string): void {
  const { writeSync } = process.getBuiltinModule("node:fs");
  for (let left = TRIES; left > 0; left--) {
    try {
      // oxlint-disable-next-line no-underscore-dangle -- the only way to the descriptor; the runtime client goes it too
      writeSync((socket as unknown as { _handle: { fd: number } })._handle.fd, text);
      return;
    } catch {
      // EAGAIN: not connected yet.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
  // Too late under the current runtime client, and in time under the previous.
  socket.write(text);
}
