/**
 * Work after the response: an internal extension holds the sandbox until what invocations have
 * left here is sent. It owns who waits for whom; one serves the process, whatever handlers it has.
 */
import { within } from "../../trace/within.js";
import { extend } from "./extensions-api.js";
import { type Drain, drainAtEnd } from "./termination.js";

type Send = () => Promise<unknown>;

/** Who sees to what is left after a response. */
export interface Keeper {
  /** A wrapped handler begins with the invocation of this request id; answers how it tells its end, if anybody wants to know. */
  begin(id: unknown): (() => void) | undefined;
  /** Takes what is to be done after the response; `false` where nothing runs then. */
  leave(id: unknown, send: Send): boolean;
}

interface Call {
  /** How many wrapped handlers run; one may call another. Nothing before the first. */
  open?: number;
  changed?: () => void;
}

/** How long a handler has to begin, after which it is taken for one that is not wrapped. */
const BEGIN_MS = 100;

interface Extension extends Keeper {
  /** What is done at the end of the process. */
  readonly drains: Drain[];
}

let extension: Extension | undefined;

/** The extension of this process; what is not left to it, because Lambda refused it, is done before. */
export function joinExtension(api: string, drain: Drain): Keeper {
  extension ??= createExtension(api);
  extension.drains.push(drain);
  return extension;
}

function createExtension(api: string): Extension {
  /** What was left here after the last response, under way. */
  let sending: Promise<unknown> | undefined;
  const drains: Drain[] = [async (budgetMs) => sending && within(budgetMs, sending)];
  const calls = new Map<unknown, Call>();
  const sends: Send[] = [];
  let isRegistered = false;
  /** The last invocation that was given up to be frozen. */
  let lastId: unknown;
  let beginMs = BEGIN_MS;

  function callOf(id: unknown): Call {
    const call = calls.get(id) ?? {};
    calls.set(id, call);
    return call;
  }

  async function serve(id: string): Promise<void> {
    const call = callOf(id);
    // Where the handler is not wrapped, the first invocation is held and no other.
    if (call.open === undefined) await changeOf(call, beginMs);
    beginMs = call.open === undefined ? 0 : BEGIN_MS;
    while (call.open) await changeOf(call);
    await responseSent();
    sending = Promise.allSettled(sends.splice(0).map((send) => send()));
    await sending;
    calls.clear();
    lastId = id;
  }

  function onRegistered(): void {
    isRegistered = true;
    drainAtEnd(drains);
  }

  extend(api, onRegistered, serve);
  return {
    drains,
    begin(id) {
      // Lambda has accepted or refused before it sends the first invocation.
      if (!isRegistered) return undefined;
      const call = callOf(id);
      const change = (by: number): void => {
        call.open = (call.open ?? 0) + by;
        call.changed?.();
      };
      change(1);
      return () => change(-1);
    },
    leave(id, send) {
      return isRegistered && id !== lastId && sends.push(send) > 0;
    },
  };
}

/** Resolves with the next change of a call, or after `ms`; its timer keeps nothing alive. */
function changeOf(call: Call, ms?: number): Promise<void> {
  return new Promise((resolve) => {
    call.changed = resolve;
    if (ms !== undefined) setTimeout(resolve, ms).unref();
  });
}

/** The current runtime client lets one turn of the event loop pass before it posts, the previous none. */
function responseSent(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
