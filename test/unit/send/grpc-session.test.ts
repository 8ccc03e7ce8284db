import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { describe, expect, it, onTestFinished, test } from "vitest";
import type { Payload, Send, SendResult } from "../../../src/send/send.ts";
import { viaGrpc } from "../../../src/send/via-grpc.ts";
import { type Answer, type GrpcServer, respond, serveGrpc } from "./grpc-server.ts";

const run = promisify(execFile);
const PAYLOAD: Payload = { bytes: Uint8Array.of(1, 2, 3), gzipped: false };
const DELIVERED: SendResult = { status: "delivered", body: Buffer.alloc(0) };

function sender({ url }: Pick<GrpcServer, "url">, now?: () => number): () => Promise<SendResult> {
  const send: Send = viaGrpc({ url, headers: () => ({}) }, now);
  return () => send(PAYLOAD, 2_000);
}

describe("the session", () => {
  it("serves one export after another, and many at a time", async () => {
    const server = await serveGrpc((stream) => respond(stream));
    const send = sender(server);
    for (let n = 0; n < 3; n++) {
      expect(await send()).toEqual(DELIVERED);
      await sleep(5);
    }
    expect(await Promise.all([send(), send(), send()])).toEqual([DELIVERED, DELIVERED, DELIVERED]);
    expect([server.received.length, server.sessions.length]).toEqual([6, 1]);
  });

  test.each<[string, (server: GrpcServer) => void]>([
    ["closed by the server", ({ sessions }) => sessions[0]?.close()],
    ["destroyed by the server", ({ sessions }) => sessions[0]?.destroy()],
    ["sent a GOAWAY", ({ sessions }) => sessions[0]?.goaway(0)],
    ["sent a GOAWAY with an error", ({ sessions }) => sessions[0]?.goaway(11)],
    ["reset", ({ sessions }) => sessions[0]?.socket.resetAndDestroy()],
  ])("is replaced where it was %s between two exports", async (_, end) => {
    for (const waitMs of [0, 20]) {
      const server = await serveGrpc((stream) => respond(stream));
      const send = sender(server);
      expect(await send()).toEqual(DELIVERED);
      end(server);
      // At once, the client learns of it only amid the next call.
      if (waitMs > 0) await sleep(waitMs);
      expect([await send(), await send()]).toEqual([DELIVERED, DELIVERED]);
      expect([server.received.length, server.sessions.length]).toEqual([3, 2]);
    }
  });

  test.each<[string, Answer]>([
    ["is reset", (stream) => stream.session?.socket.resetAndDestroy()],
    ["is closed", (stream) => stream.session?.destroy()],
    ["goes away without this call", (stream) => stream.session?.goaway(0, 1)],
  ])("is replaced amid a call where it %s unanswered", async (_, end) => {
    const server = await serveGrpc((stream, index) =>
      index === 1 ? end(stream, index) : respond(stream),
    );
    const send = sender(server);
    expect([await send(), await send(), await send()]).toEqual([DELIVERED, DELIVERED, DELIVERED]);
    expect([server.received.length, server.sessions.length]).toEqual([4, 2]);
  });

  it("is replaced once for one export, and no more", async () => {
    const server = await serveGrpc((stream, index) =>
      index === 0 ? respond(stream) : stream.session?.socket.resetAndDestroy(),
    );
    const send = sender(server);
    const results = [await send(), await send()];
    expect(results).toEqual([DELIVERED, { status: "retryable", reason: "ECONNRESET" }]);
    expect(server.received).toHaveLength(3);
  });

  it("is not replaced for a call whose answer has begun, which may be done already", async () => {
    const server = await serveGrpc((stream, index) => {
      if (index === 0) return respond(stream);
      stream.respond({ "content-type": "application/grpc" });
      stream.write(Buffer.alloc(3), () => stream.session?.destroy());
    });
    const send = sender(server);
    expect([await send(), await send()]).toMatchObject([DELIVERED, { status: "retryable" }]);
    expect(server.received).toHaveLength(2);
  });

  it("is replaced after a call that was not answered in time", async () => {
    const server = await serveGrpc((stream, index) => index > 0 && respond(stream));
    const send = viaGrpc({ url: server.url, headers: () => ({}) });
    expect(await send(PAYLOAD, 40)).toMatchObject({ status: "retryable" });
    expect(await send(PAYLOAD, 2_000)).toEqual(DELIVERED);
    expect(server.sessions).toHaveLength(2);
  });

  it("is replaced where it idled so long that it may be forgotten", async () => {
    const server = await serveGrpc((stream) => respond(stream));
    let nowMs = 0;
    const send = sender(server, () => nowMs);
    const sessions: number[] = [];
    for (nowMs of [0, 50_000, 100_000, 200_000]) {
      expect(await send()).toEqual(DELIVERED);
      sessions.push(server.sessions.length);
    }
    expect(sessions).toEqual([1, 1, 1, 2]);
  });

  it("lets a running call end where the server goes away", async () => {
    const server = await serveGrpc((stream, index) => {
      if (index === 0) stream.session?.goaway(0, 2 ** 31 - 1);
      setTimeout(() => respond(stream), 30);
    });
    const send = sender(server);
    expect([await send(), await send()]).toEqual([DELIVERED, DELIVERED]);
    expect([server.received.length, server.sessions.length]).toEqual([2, 2]);
  });
});

describe("the process", () => {
  const exportOnce = async (url: string, budgetMs: number): Promise<unknown> => {
    const program = `
      import { viaGrpc } from "./via-grpc.js";
      const isLoaded = () => process.moduleLoadList.includes("NativeModule internal/http2/core");
      const send = viaGrpc({ url: ${JSON.stringify(url)}, headers: () => ({}) });
      const before = isLoaded();
      const { status } = await send({ bytes: Uint8Array.of(1), gzipped: false }, ${budgetMs});
      console.log(JSON.stringify({ status, loaded: [before, isLoaded()] }));
    `;
    const resolveDir = fileURLToPath(new URL("../../../src/send", import.meta.url));
    const { outputFiles } = await build({
      stdin: { contents: program, resolveDir },
      bundle: true,
      platform: "node",
      format: "esm",
      write: false,
    });
    const code = ["--input-type=module", "--eval", outputFiles[0]?.text ?? ""];
    // One that stays alive is killed, which is an error.
    return JSON.parse((await run(process.execPath, code, { timeout: 10_000 })).stdout);
  };

  test.each<[string, Answer, string]>([
    ["is answered", (stream) => respond(stream), "delivered"],
    ["is answered late", (stream) => setTimeout(() => respond(stream), 150), "delivered"],
    ["is never answered", () => {}, "retryable"],
  ])("lives as long as a call, which %s, and no longer", async (_, answer, status) => {
    const server = await serveGrpc(answer);
    const budgetMs = status === "delivered" ? 5_000 : 300;
    expect(await exportOnce(server.url, budgetMs)).toEqual({ status, loaded: [false, true] });
  });
});

describe("https", () => {
  const certified = async (): Promise<{ key: string; cert: string }> => {
    const folder = await mkdtemp(join(tmpdir(), "edgespan-tls-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const self = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    const host = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
    await run("openssl", [...self, ...host, "-keyout", key, "-out", cert]);
    return { key: await readFile(key, "utf8"), cert: await readFile(cert, "utf8") };
  };

  it("is spoken over TLS with ALPN, to a server that can be trusted", async () => {
    const tls = await certified();
    const server = await serveGrpc((stream) => respond(stream), { tls });
    expect(await sender(server)()).toEqual({
      status: "retryable",
      reason: "DEPTH_ZERO_SELF_SIGNED_CERT",
    });
    expect(server.received).toEqual([]);
    const trusted = getCACertificates("default");
    setDefaultCACertificates([...trusted, tls.cert]);
    onTestFinished(() => setDefaultCACertificates(trusted));
    const send = sender(server);
    expect([await send(), await send()]).toEqual([DELIVERED, DELIVERED]);
    expect(server.sessions.map(({ alpnProtocol }) => alpnProtocol)).toContain("h2");
  });
});
