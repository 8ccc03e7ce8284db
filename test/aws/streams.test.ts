/** Answers of Bedrock that are streams of events, read by its own client. */
import {
  BedrockRuntimeClient,
  ConverseStreamCommand,
  InvokeModelWithResponseStreamCommand,
} from "@aws-sdk/client-bedrock-runtime";
import { SQSClient } from "@aws-sdk/client-sqs";
import { span } from "edgespan";
import { instrumentAwsClient } from "edgespan/aws";
import type { CollectedSpan } from "edgespan/testing";
import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { serveAws } from "./backend.ts";
import { traced } from "./invoke.ts";

type Events = AsyncIterable<object>;
type Pieces = readonly (Uint8Array | null)[];

/** A message as Bedrock frames it: lengths, headers, the body, and a checksum of each part. */
function message(kind: "event" | "exception", name: string, content: object): Uint8Array {
  const headers = Buffer.concat([
    header(`:${kind}-type`, name),
    header(":content-type", "application/json"),
    header(":message-type", kind),
  ]);
  const body = Buffer.from(JSON.stringify(content));
  const lengths = [16 + headers.length + body.length, headers.length].map(uint32);
  const checked = Buffer.concat([...lengths, uint32(crc32(Buffer.concat(lengths))), headers, body]);
  return Buffer.concat([checked, uint32(crc32(checked))]);
}

/** A header that is a text, which is type 7. */
function header(name: string, value: string): Buffer {
  const length = [value.length >> 8, value.length & 0xff];
  return Buffer.from([name.length, ...Buffer.from(name), 7, ...length, ...Buffer.from(value)]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const SAID = [
  message("event", "messageStart", { role: "assistant" }),
  message("event", "contentBlockDelta", { contentBlockIndex: 0, delta: { text: "hidden" } }),
  message("event", "contentBlockDelta", { contentBlockIndex: 0, delta: { text: "hidden" } }),
];
const STOPPED = [
  message("event", "messageStop", { stopReason: "end_turn" }),
  message("event", "metadata", {
    usage: { inputTokens: 3, outputTokens: 7, totalTokens: 10 },
    metrics: { latencyMs: 1 },
  }),
];

const chunk = (said: object): Uint8Array =>
  message("event", "chunk", { bytes: Buffer.from(JSON.stringify(said)).toString("base64") });

/** The span of one call, whose stream is given to `read`, and the error that the handler threw. */
async function callOf(
  pieces: Pieces,
  read: (events: Events) => Promise<unknown>,
  command: "chat" | "generate_content" = "chat",
): Promise<{ call: CollectedSpan; spans: readonly CollectedSpan[]; error: unknown }> {
  const headers = { "content-type": "application/vnd.amazon.eventstream" };
  await using aws = await serveAws({ headers, body: pieces });
  const { spans, error } = await traced(async () => {
    const client = instrumentAwsClient(
      new BedrockRuntimeClient({
        ...aws.config,
        // By HTTP/1.1, which the server speaks; its own client speaks HTTP/2.
        requestHandler: new SQSClient(aws.config).config.requestHandler,
      }),
    );
    const modelId = "anthropic.claude";
    if (command === "chat") {
      const messages = [{ role: "user" as const, content: [{ text: "hidden" }] }];
      const { stream } = await client.send(new ConverseStreamCommand({ modelId, messages }));
      return read(stream as Events);
    }
    const ask = new InvokeModelWithResponseStreamCommand({ modelId, body: '"hidden"' });
    return read((await client.send(ask)).body as Events);
  });
  const call = spans.find(({ kind }) => kind === "CLIENT");
  if (!call) throw new Error(`no span of the call: ${String(error)}`);
  expect([call.name, call.attributes["gen_ai.operation.name"]]).toEqual([
    `${command} anthropic.claude`,
    command,
  ]);
  expect(JSON.stringify(spans)).not.toContain("hidden");
  return { call, spans, error };
}

async function readAll(events: Events): Promise<string[]> {
  const kinds: string[] = [];
  for await (const event of events) kinds.push(...Object.keys(event));
  return kinds;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const usageOf = ({ attributes }: CollectedSpan): unknown[] =>
  ["gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "gen_ai.response.finish_reasons"].map(
    (name) => attributes[name],
  );

const UNSET = { code: "UNSET", message: undefined };

describe("a stream of Bedrock", () => {
  it("that is read to its end has its span end there, with the tokens that it took", async () => {
    let kinds: unknown;
    const { call, spans, error } = await callOf([...SAID, ...STOPPED], async (events) => {
      kinds = await span("reading", () => readAll(events));
    });
    expect([kinds, error]).toEqual([
      ["messageStart", "contentBlockDelta", "contentBlockDelta", "messageStop", "metadata"],
      undefined,
    ]);
    expect([usageOf(call), call.status]).toEqual([[3, 7, ["end_turn"]], UNSET]);
    const reading = spans.find(({ name }) => name === "reading");
    expect(call.startMs + call.durationMs).toBeGreaterThan(reading?.startMs ?? Infinity);
  });

  it("in a model's own format tells the tokens of its last chunk", async () => {
    const counts = { inputTokenCount: 4, outputTokenCount: 9, firstByteLatency: 1 };
    const chunks = [
      chunk({ type: "content_block_delta", delta: { text: "hidden" } }),
      chunk({ type: "message_stop", "amazon-bedrock-invocationMetrics": counts }),
    ];
    const { call } = await callOf(chunks, readAll, "generate_content");
    expect([usageOf(call), call.status]).toEqual([[4, 9, undefined], UNSET]);
  });

  it("whose chunks are of no known format is read like any other", async () => {
    const chunks = [
      message("event", "chunk", { bytes: Buffer.from([255, 0, 1]).toString("base64") }),
      message("event", "chunk", {
        bytes: Buffer.from('{"amazon-bedrock-invocationMetrics":').toString("base64"),
      }),
      message("event", "chunk", {}),
    ];
    let kinds: unknown;
    const { call } = await callOf(
      chunks,
      async (events) => (kinds = await readAll(events)),
      "generate_content",
    );
    expect([kinds, usageOf(call), call.status]).toEqual([
      ["chunk", "chunk", "chunk"],
      [undefined, undefined, undefined],
      UNSET,
    ]);
  });

  it("that is left after its first event has its span end there, and is no error", async () => {
    const { call, error } = await callOf([...SAID, ...STOPPED], async (events) => {
      for await (const event of events) {
        await sleep(30);
        if ("messageStart" in event) break;
      }
    });
    expect(call.durationMs).toBeGreaterThan(29);
    expect([usageOf(call), call.status, error]).toEqual([
      [undefined, undefined, undefined],
      UNSET,
      undefined,
    ]);
  });

  it("that tells an exception has an error, and the reader gets it as it is", async () => {
    const refusal = message("exception", "throttlingException", { message: "slow down" });
    const { call, error } = await callOf([...SAID, refusal], readAll);
    expect(error).toMatchObject({ name: "ThrottlingException", message: "slow down" });
    expect([call.status, call.attributes["error.type"]]).toEqual([
      { code: "ERROR", message: "slow down" },
      "ThrottlingException",
    ]);
  });

  it("that breaks off has an error", async () => {
    const { call, error } = await callOf([...SAID, null], readAll);
    expect(error).toBeInstanceOf(Error);
    expect(call.status).toEqual({ code: "ERROR", message: (error as Error).message });
  });

  it("stays the object that the SDK made, and may be read by hand", async () => {
    const { call } = await callOf([...SAID, ...STOPPED], async (events) => {
      const iterator = events[Symbol.asyncIterator]();
      await sleep(30);
      expect(Object.keys((await iterator.next()).value as object)).toEqual(["messageStart"]);
      expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
      expect(Object.keys(events)).toEqual([]);
    });
    expect(call.durationMs).toBeGreaterThan(29);
    expect(call.status).toEqual(UNSET);
  });
});
