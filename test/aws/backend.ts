/** An AWS on this machine: it answers each request with what a test says, and keeps what was sent. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Sent {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A list is sent piece by piece; with one that is null the connection breaks off in the end. */
  readonly body?: string | readonly (Uint8Array | null)[];
}

export interface Backend extends AsyncDisposable {
  readonly sent: readonly Sent[];
  /** What a client of the SDK is made with, so that it asks here. */
  readonly config: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    readonly maxAttempts: number;
    readonly retryMode: string;
  };
}

/** Each reply is for one request, the last one for all further ones. */
export async function serveAws(...replies: readonly Reply[]): Promise<Backend> {
  const sent: Sent[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const headers = request.headers as Record<string, string>;
      sent.push({ path: request.url ?? "", headers, body: Buffer.concat(chunks) });
      const {
        status = 200,
        headers: own,
        body = "{}",
      } = replies[Math.min(sent.length, replies.length) - 1] ?? {};
      response.writeHead(status, { "x-amzn-requestid": `request-${sent.length}`, ...own });
      if (typeof body === "string") {
        response.end(body);
        return;
      }
      const breaksOff = body.includes(null);
      for (const piece of body) if (piece) response.write(piece);
      if (breaksOff) setImmediate(() => request.socket.destroy());
      else response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    sent,
    config: {
      endpoint: `http://127.0.0.1:${port}`,
      region: "eu-west-1",
      credentials: { accessKeyId: "id", secretAccessKey: "hidden" },
      maxAttempts: 3,
      retryMode: "standard",
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
