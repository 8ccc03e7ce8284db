/**
 * The rarer bindings. Rate limiting, Images, Analytics Engine and Hyperdrive are the platform's
 * own, in their local form. Workers AI and Vectorize need an account, and locally email and
 * Secrets Store are stubs of RPC: for these stand classes of the same name and shape.
 */
import { env } from "cloudflare:test";
import { type Options, span } from "edgespan";
import { describe, expect, test } from "vitest";
import { moreBindings } from "edgespan/bindings";
import { request, sleep, thrownBy, traced } from "../invoke.ts";

const options: Options = { instrument: { bindings: [moreBindings] } };

const { LIMITER, ANALYTICS, IMAGES, HYPERDRIVE } = env as unknown as {
  LIMITER: RateLimit;
  ANALYTICS: AnalyticsEngineDataset;
  IMAGES: ImagesBinding;
  HYPERDRIVE: Hyperdrive;
};

/** A PNG of one pixel. */
const PIXEL = Uint8Array.from(
  atob(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  ),
  (char) => char.charCodeAt(0),
);
const pixel = (): ReadableStream<Uint8Array> => new Blob([PIXEL]).stream();

const of = (name: string, type: string) => ({
  "cloudflare.binding.name": name,
  "cloudflare.binding.type": type,
});

test("without the import no rarer binding is traced", async () => {
  const { spans, value } = await traced(() => LIMITER.limit({ key: "unasked" }), { env });
  expect([value, spans]).toEqual([{ success: true }, []]);
});

describe("rate limiting", () => {
  test("tells each decision and never the key", async () => {
    const { spans, root, value } = await traced(
      async () => [
        await LIMITER.limit({ key: "ann@example.com" }),
        await LIMITER.limit({ key: "ann@example.com" }),
        await LIMITER.limit({ key: "ann@example.com" }),
      ],
      { env, options },
    );
    expect(value.map(({ success }) => success)).toEqual([true, true, false]);
    for (const one of spans)
      expect(one).toMatchObject({
        name: "limit LIMITER",
        kind: "CLIENT",
        parentSpanId: root.spanId,
        status: { code: "UNSET" },
      });
    expect(spans[2]?.attributes).toEqual({
      ...of("LIMITER", "RateLimit"),
      "cloudflare.ratelimit.success": false,
    });
    expect(JSON.stringify(spans)).not.toContain("ann@");
  });

  test("throws what it throws untraced", async () => {
    const wrong = () => Reflect.apply(LIMITER.limit, LIMITER, [{ nope: 1 }]);
    const { spans, value } = await traced(() => thrownBy(wrong), { env, options });
    expect(value?.thrown).toHaveProperty("message", "bad rate limit options: [nope]");
    expect(spans).toMatchObject([{ name: "limit LIMITER", status: { code: "ERROR" } }]);
  });
});

test("a data point for Analytics Engine is an event on the active span, without what it holds", async () => {
  const { spans, value } = await traced(
    () => span("visit", () => ANALYTICS.writeDataPoint({ blobs: ["secret"], doubles: [1] })),
    { env, options },
  );
  expect(value).toBeUndefined();
  expect(spans).toMatchObject([
    {
      name: "visit",
      events: [
        { name: "writeDataPoint ANALYTICS", attributes: of("ANALYTICS", "AnalyticsEngine") },
      ],
    },
  ]);
  expect(JSON.stringify(spans)).not.toContain("secret");
});

describe("Images", () => {
  test("has a span for the output of a chain, which stays the platform's", async () => {
    const { spans, root, value } = await traced(
      async () => {
        const transformer = IMAGES.input(pixel());
        const same = transformer.transform({ width: 1 }) === transformer;
        const output = await transformer.output({ format: "image/png" });
        return {
          same,
          type: output.contentType(),
          bytes: await new Response(output.image()).bytes(),
        };
      },
      { env, options },
    );
    expect([value.same, value.type, value.bytes.length > 0]).toEqual([true, "image/png", true]);
    expect(spans.filter(({ name }) => name.endsWith("IMAGES"))).toMatchObject([
      {
        name: "output IMAGES",
        kind: "CLIENT",
        parentSpanId: root.spanId,
        attributes: { ...of("IMAGES", "Images"), "cloudflare.images.options.format": "image/png" },
      },
    ]);
  });

  test("has a span for what an image is, or is not", async () => {
    const { spans, value } = await traced(
      async () => [
        await IMAGES.info(pixel()),
        await thrownBy(() => IMAGES.info(new Blob(["no image"]).stream())),
      ],
      { env, options },
    );
    expect(value[0]).toMatchObject({ format: "image/png", width: 1, height: 1 });
    expect(spans).toMatchObject([
      {
        name: "info IMAGES",
        attributes: {
          ...of("IMAGES", "Images"),
          "cloudflare.images.result.format": "image/png",
          "cloudflare.images.result.width": 1,
          "cloudflare.images.result.height": 1,
        },
      },
      { name: "info IMAGES", status: { code: value[1] ? "ERROR" : "UNSET" } },
    ]);
  });
});

test("a socket of Hyperdrive is a span until it is open, and the connection string stays unread and unchanged", async () => {
  const before = HYPERDRIVE.connectionString;
  const { spans, value } = await traced(
    async () => {
      const socket = HYPERDRIVE.connect();
      const opened = await thrownBy(() => socket.opened);
      await socket.close().catch(() => undefined);
      return { type: Object.prototype.toString.call(socket), opened };
    },
    { env, options },
  );
  expect(value.type).toBe("[object Socket]");
  expect(HYPERDRIVE.connectionString).toBe(before);
  expect(spans).toMatchObject([
    {
      name: "connect HYPERDRIVE",
      kind: "CLIENT",
      attributes: of("HYPERDRIVE", "Hyperdrive"),
      status: { code: value.opened ? "ERROR" : "UNSET" },
    },
  ]);
  expect(JSON.stringify(spans)).not.toContain("secret");
});

describe("Workers AI (a class of the same shape)", () => {
  const chunks = ["data: one\n\n", "data: two\n\n"];
  class Ai {
    async run(
      _model: string,
      inputs: { stream?: string | boolean; fail?: boolean },
    ): Promise<unknown> {
      await sleep(1);
      if (inputs.fail) throw new RangeError("3010: no such model");
      if (!inputs.stream)
        return { response: "hi", usage: { prompt_tokens: 7, completion_tokens: 2 } };
      return streamed(inputs.stream === "broken");
    }
  }
  /** A stream of the platform's own, as the body of a response is. */
  function streamed(broken: boolean): ReadableStream {
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    const write = async (): Promise<void> => {
      for (const chunk of chunks) {
        await writer.write(new TextEncoder().encode(chunk));
        await sleep(20);
      }
      await (broken ? writer.abort(new Error("upstream is gone")) : writer.close());
    };
    write().catch(() => undefined);
    return readable;
  }
  const model = "@cf/meta/llama-3.1-8b-instruct";
  const messages = [{ role: "user", content: "private words" }];
  const AI = new Ai();
  const run = <T>(work: () => T) => traced(work, { env: { AI }, options });

  test("tells model, operation and tokens, never the words", async () => {
    const { spans, value } = await run(() => AI.run(model, { messages, max_tokens: 64 } as never));
    expect(value).toEqual({ response: "hi", usage: { prompt_tokens: 7, completion_tokens: 2 } });
    expect(spans).toMatchObject([
      { name: `chat ${model}`, kind: "CLIENT", status: { code: "UNSET" } },
    ]);
    expect(spans[0]?.attributes).toEqual({
      ...of("AI", "AI"),
      "gen_ai.provider.name": "cloudflare.workers_ai",
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": model,
      "gen_ai.request.max_tokens": 64,
      "gen_ai.usage.input_tokens": 7,
      "gen_ai.usage.output_tokens": 2,
    });
    expect(JSON.stringify(spans)).not.toContain("private words");
  });

  test("rejects with the model's own error", async () => {
    const { spans, value } = await run(() => thrownBy(() => AI.run(model, { fail: true })));
    expect(value?.thrown).toBeInstanceOf(RangeError);
    expect(spans).toMatchObject([
      { name: `run ${model}`, status: { code: "ERROR", message: "3010: no such model" } },
    ]);
  });

  test("ends the span of a stream when it is read to its end, byte for byte the same", async () => {
    const { spans, value } = await run(async () => {
      const stream = (await AI.run(model, { stream: true, messages } as never)) as ReadableStream;
      return {
        isStream: stream instanceof ReadableStream,
        text: await new Response(stream).text(),
      };
    });
    expect(value).toEqual({ isStream: true, text: chunks.join("") });
    expect(spans).toMatchObject([{ name: `chat ${model}`, status: { code: "UNSET" } }]);
    expect(spans[0]?.durationMs).toBeGreaterThan(30);
  });

  test("ends the span of a stream that breaks with the error that the reader gets", async () => {
    const { spans, value } = await run(async () => {
      const stream = (await AI.run(model, { stream: "broken" })) as ReadableStream;
      return thrownBy(() => new Response(stream).text());
    });
    expect(value?.thrown).toHaveProperty("message", "upstream is gone");
    expect(spans).toMatchObject([{ status: { code: "ERROR", message: "upstream is gone" } }]);
  });

  test("ends the span of a stream that is cancelled, which is no error", async () => {
    const { spans } = await run(async () => {
      const stream = (await AI.run(model, { stream: true })) as ReadableStream;
      const reader = stream.getReader();
      await reader.read();
      await reader.cancel("enough");
    });
    expect(spans).toMatchObject([{ name: `run ${model}`, status: { code: "UNSET" } }]);
    expect(spans[0]?.attributes).not.toHaveProperty("edgespan.truncated");
  });
});

describe("Vectorize, email and Secrets Store (classes of the same shape)", () => {
  class VectorizeIndexImpl {
    async query(_vector: number[], _options?: object): Promise<object> {
      return { count: 2, matches: [{ id: "a" }, { id: "b" }] };
    }
    async upsert(vectors: object[]): Promise<object> {
      return { mutationId: String(vectors.length) };
    }
    async getByIds(ids: string[]): Promise<object[]> {
      return ids.map((id) => ({ id }));
    }
  }
  class SendEmail {
    async send({ from }: { from: string; to: string; text: string }): Promise<object> {
      if (!from) throw new TypeError("no sender");
      return { messageId: "1" };
    }
  }
  class SecretsStoreSecret {
    async get(): Promise<string> {
      return "hunter2";
    }
  }

  test("tells a query's matches and a batch's size, never a vector", async () => {
    const VECTORS = new VectorizeIndexImpl();
    const { spans } = await traced(
      async () => {
        await VECTORS.query([0.125, 0.25, 0.5], { topK: 2 });
        await VECTORS.upsert([{ id: "a" }, { id: "b" }, { id: "c" }]);
        await VECTORS.getByIds(["a"]);
      },
      { env: { VECTORS }, options },
    );
    const common = { ...of("VECTORS", "Vectorize"), "db.system.name": "cloudflare.vectorize" };
    expect(spans.map(({ name, attributes }) => [name, attributes])).toEqual([
      [
        "query VECTORS",
        { ...common, "db.operation.name": "query", "db.response.returned_rows": 2 },
      ],
      [
        "upsert VECTORS",
        { ...common, "db.operation.name": "upsert", "db.operation.batch.size": 3 },
      ],
      [
        "getByIds VECTORS",
        {
          ...common,
          "db.operation.name": "getByIds",
          "db.operation.batch.size": 1,
          "db.response.returned_rows": 1,
        },
      ],
    ]);
  });

  test("tells that a message was sent, neither by whom nor to whom", async () => {
    const EMAIL = new SendEmail();
    const message = { from: "ann@example.com", to: "bob@example.com", text: "hello" };
    const { spans, value } = await traced(() => EMAIL.send(message), { env: { EMAIL }, options });
    expect(value).toEqual({ messageId: "1" });
    expect(spans).toMatchObject([{ name: "send EMAIL", kind: "CLIENT" }]);
    expect(spans[0]?.attributes).toEqual(of("EMAIL", "SendEmail"));
  });

  test("tells that a secret was read, never what it is", async () => {
    const SECRET = new SecretsStoreSecret();
    const { spans, value } = await traced(() => SECRET.get(), { env: { SECRET }, options });
    expect(value).toBe("hunter2");
    expect(spans).toMatchObject([{ name: "get SECRET", kind: "CLIENT" }]);
    expect(JSON.stringify(spans)).not.toContain("hunter2");
  });
});

test("locally email and Secrets Store are stubs of RPC, which answer as before", async () => {
  const { SECRET, EMAIL } = env as unknown as { SECRET: object; EMAIL: object };
  expect([SECRET, EMAIL].map((stub) => Object.getPrototypeOf(stub).constructor.name)).toEqual([
    "Fetcher",
    "Fetcher",
  ]);
  const get = () => (SECRET as SecretsStoreSecret).get();
  const { value, spans } = await traced(() => thrownBy(get), { env, options, request: request() });
  expect(value?.thrown).toHaveProperty("message", 'Secret "key" not found');
  expect(spans.filter(({ name }) => name === "get SECRET")).toEqual([]);
});
