import { env as importedEnv } from "cloudflare:workers";
import { env as givenEnv } from "cloudflare:test";
import { span } from "edgespan";
import { instrument } from "edgespan/worker";
import { createCollector } from "edgespan/testing";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { exporterOf, invoke, request, thrownBy, traced } from "../invoke.ts";
import { serve } from "../isolate.ts";
import { comparing } from "./compare.ts";

interface Env {
  FILES: R2Bucket;
}
const env = givenEnv as unknown as Env;
const bucket = env.FILES;
const { get: identity } = bucket;
const compare = comparing(bucket, env);

/** As a library does that is given a binding when it is loaded. */
const held = { bucket };

const UNSAMPLED = { traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00" };
const HELLO = "5d41402abc4b2a76b9719d911017c592";
const common = { "cloudflare.binding.name": "FILES", "cloudflare.binding.type": "r2" };
const found = {
  "cloudflare.r2.response.success": true,
  "cloudflare.r2.response.etag": HELLO,
  "cloudflare.r2.response.size": 5,
};
const SSEC_KEY = "0123456789abcdef".repeat(4);

beforeEach(async () => {
  await bucket.put("hello", "hello");
});

const calls: [string, (target: R2Bucket) => unknown, object][] = [
  [
    "head of an object that is there",
    (target) => target.head("hello"),
    { "cloudflare.r2.operation": "HeadObject", "cloudflare.r2.request.key": "hello", ...found },
  ],
  [
    "head of an object that is not there",
    (target) => target.head("none"),
    {
      "cloudflare.r2.operation": "HeadObject",
      "cloudflare.r2.request.key": "none",
      "cloudflare.r2.response.success": false,
    },
  ],
  [
    "get",
    (target) => target.get("hello"),
    { "cloudflare.r2.operation": "GetObject", "cloudflare.r2.request.key": "hello", ...found },
  ],
  [
    "get of an object that is not there",
    (target) => target.get("none"),
    {
      "cloudflare.r2.operation": "GetObject",
      "cloudflare.r2.request.key": "none",
      "cloudflare.r2.response.success": false,
    },
  ],
  [
    "get of a range",
    (target) => target.get("hello", { range: { offset: 1, length: 2 } }),
    {
      "cloudflare.r2.operation": "GetObject",
      "cloudflare.r2.request.key": "hello",
      "cloudflare.r2.request.range.offset": 1,
      "cloudflare.r2.request.range.length": 2,
      ...found,
    },
  ],
  [
    "get of the end",
    (target) => target.get("hello", { range: { suffix: 2 } }),
    {
      "cloudflare.r2.operation": "GetObject",
      "cloudflare.r2.request.key": "hello",
      "cloudflare.r2.request.range.suffix": 2,
      ...found,
    },
  ],
  [
    "get of a range in headers",
    (target) => target.get("hello", { range: new Headers({ range: "bytes=0-1" }) }),
    {
      "cloudflare.r2.operation": "GetObject",
      "cloudflare.r2.request.key": "hello",
      "cloudflare.r2.request.range": "bytes=0-1",
      ...found,
    },
  ],
  [
    "get whose condition fails",
    (target) => target.get("hello", { onlyIf: { etagMatches: "other" } }),
    {
      "cloudflare.r2.operation": "GetObject",
      "cloudflare.r2.request.key": "hello",
      ...found,
      "cloudflare.r2.response.success": false,
    },
  ],
  [
    "put of text",
    (target) => target.put("new", "hello", { customMetadata: { owner: "secret" } }),
    {
      "cloudflare.r2.operation": "PutObject",
      "cloudflare.r2.request.key": "new",
      "cloudflare.r2.request.custom_metadata": true,
      ...found,
    },
  ],
  [
    "put of a buffer, with a storage class",
    (target) =>
      target.put("new", new TextEncoder().encode("hello"), { storageClass: "InfrequentAccess" }),
    {
      "cloudflare.r2.operation": "PutObject",
      "cloudflare.r2.request.key": "new",
      "cloudflare.r2.request.size": 5,
      "cloudflare.r2.request.storage_class": "InfrequentAccess",
      ...found,
    },
  ],
  [
    "put of a Blob",
    (target) => target.put("new", new Blob(["hello"])),
    {
      "cloudflare.r2.operation": "PutObject",
      "cloudflare.r2.request.key": "new",
      "cloudflare.r2.request.size": 5,
      ...found,
    },
  ],
  [
    "put of a stream",
    (target) => target.put("new", new Response("hello").body),
    { "cloudflare.r2.operation": "PutObject", "cloudflare.r2.request.key": "new", ...found },
  ],
  [
    "put whose condition fails",
    (target) => target.put("hello", "other", { onlyIf: { etagMatches: "other" } }),
    {
      "cloudflare.r2.operation": "PutObject",
      "cloudflare.r2.request.key": "hello",
      "cloudflare.r2.response.success": false,
    },
  ],
  [
    "delete of one key",
    (target) => target.delete("new"),
    {
      "cloudflare.r2.operation": "DeleteObject",
      "cloudflare.r2.request.keys": "new",
      "cloudflare.r2.response.success": true,
    },
  ],
  [
    "delete of a list of keys",
    (target) => target.delete(["new", "none"]),
    {
      "cloudflare.r2.operation": "DeleteObject",
      "cloudflare.r2.request.keys": "new, none",
      "cloudflare.r2.response.success": true,
    },
  ],
];

const nameOf = (what: string): string => `${what.replace(/ .*|,.*/, "")} FILES`;

describe("a call answers the same, and its span tells of the object, never of its body", () => {
  test.each(calls)("%s", async (what, call, attributes) => {
    const { root, spans } = await compare(call);
    expect(spans).toEqual([
      {
        traceId: root.traceId,
        spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
        parentSpanId: root.spanId,
        traceState: undefined,
        name: nameOf(what),
        kind: "CLIENT",
        startMs: expect.any(Number),
        durationMs: expect.any(Number),
        attributes: { ...common, ...attributes },
        events: [],
        links: [],
        status: { code: "UNSET", message: undefined },
        resource: root.resource,
        scope: "edgespan",
      },
    ]);
    await bucket.delete("new");
  });

  test("list, in pages", async () => {
    await bucket.put("dir/a", "1");
    await bucket.put("dir/b", "2");
    const { spans } = await traced(
      async () => {
        const first = await bucket.list({ prefix: "dir/", limit: 1 });
        const cursor = first.truncated ? first.cursor : "";
        await bucket.list({ prefix: "dir/", startAfter: "dir/", cursor });
        await bucket.list({ delimiter: "/" });
      },
      { env },
    );
    const listed = { ...common, "cloudflare.r2.operation": "ListObjects" };
    expect(spans.map(({ name, attributes }) => [name, attributes])).toEqual([
      [
        "list FILES",
        {
          ...listed,
          "cloudflare.r2.request.prefix": "dir/",
          "cloudflare.r2.request.limit": 1,
          "cloudflare.r2.response.success": true,
          "cloudflare.r2.response.truncated": true,
          "cloudflare.r2.response.cursor": true,
          "cloudflare.r2.response.returned_objects": 1,
          "cloudflare.r2.response.delimited_prefixes": 0,
        },
      ],
      [
        "list FILES",
        {
          ...listed,
          "cloudflare.r2.request.prefix": "dir/",
          "cloudflare.r2.request.start_after": "dir/",
          "cloudflare.r2.request.cursor": true,
          "cloudflare.r2.response.success": true,
          "cloudflare.r2.response.truncated": false,
          "cloudflare.r2.response.returned_objects": 1,
          "cloudflare.r2.response.delimited_prefixes": 0,
        },
      ],
      [
        "list FILES",
        {
          ...listed,
          "cloudflare.r2.request.delimiter": "/",
          "cloudflare.r2.response.success": true,
          "cloudflare.r2.response.truncated": false,
          "cloudflare.r2.response.returned_objects": 1,
          "cloudflare.r2.response.delimited_prefixes": 1,
        },
      ],
    ]);
    await bucket.delete(["dir/a", "dir/b"]);
  });

  test("a body is handed over unread", async () => {
    const { value } = await traced(
      async () => {
        const object = (await bucket.get("hello")) as R2ObjectBody;
        const { bodyUsed, body } = object;
        return { bodyUsed, locked: body.locked, text: await object.text() };
      },
      { env },
    );
    expect(value).toEqual({ bodyUsed: false, locked: false, text: "hello" });
  });

  test("a key of encryption is told only to be there", async () => {
    const { spans } = await traced(
      async () => {
        await bucket.put("secret", "hello", { ssecKey: SSEC_KEY });
        await bucket.get("secret", { ssecKey: SSEC_KEY });
      },
      { env },
    );
    expect(spans.map(({ attributes }) => attributes["cloudflare.r2.request.ssec_key"])).toEqual([
      true,
      true,
    ]);
    expect(JSON.stringify(spans)).not.toContain(SSEC_KEY);
    await bucket.delete("secret");
  });
});

describe("a multipart upload", () => {
  test("is told call by call, under the name of the bucket that created or resumed it", async () => {
    const { value, root, spans } = await traced(
      async () => {
        const created = await bucket.createMultipartUpload("big", {
          customMetadata: { owner: "secret" },
        });
        const part = await created.uploadPart(1, new Uint8Array(3));
        const resumed = bucket.resumeMultipartUpload("big", created.uploadId);
        const object = await resumed.complete([part]);
        return { id: created.uploadId, part, object, resumed, created };
      },
      { env },
    );
    const { id, part, object } = value;
    expect(object).toMatchObject({ key: "big", size: 3 });
    expect(value.resumed.constructor).toBe(value.created.constructor);
    expect([value.resumed.key, value.resumed.uploadId]).toEqual(["big", id]);
    const upload = { "cloudflare.r2.request.key": "big", "cloudflare.r2.request.upload_id": id };
    const told = spans.map(({ name, kind, parentSpanId, attributes }) => ({
      name,
      kind,
      parentSpanId,
      attributes,
    }));
    const of = (name: string, attributes: object) => ({
      name: `${name} FILES`,
      kind: "CLIENT",
      parentSpanId: root.spanId,
      attributes: { ...common, "cloudflare.r2.response.success": true, ...attributes },
    });
    expect(told).toEqual([
      of("createMultipartUpload", {
        "cloudflare.r2.operation": "CreateMultipartUpload",
        "cloudflare.r2.request.key": "big",
        "cloudflare.r2.request.custom_metadata": true,
        "cloudflare.r2.response.upload_id": id,
      }),
      of("uploadPart", {
        "cloudflare.r2.operation": "UploadPart",
        ...upload,
        "cloudflare.r2.request.part_number": 1,
        "cloudflare.r2.request.size": 3,
        "cloudflare.r2.response.etag": part.etag,
      }),
      of("complete", {
        "cloudflare.r2.operation": "CompleteMultipartUpload",
        ...upload,
        "cloudflare.r2.request.uploaded_parts": "1",
        "cloudflare.r2.response.etag": object.etag,
        "cloudflare.r2.response.size": 3,
      }),
    ]);
    await bucket.delete("big");
  });

  test("that is aborted, refuses parts as before, and the span says so", async () => {
    const upload = async () => {
      const created = await bucket.createMultipartUpload("gone");
      await created.abort();
      return thrownBy(() => created.uploadPart(1, "x"));
    };
    const outside = await upload();
    const { value, spans } = await traced(upload, { env });
    expect(value).toEqual(outside);
    expect(spans).toMatchObject([
      { name: "createMultipartUpload FILES" },
      {
        name: "abort FILES",
        attributes: { "cloudflare.r2.operation": "AbortMultipartUpload" },
        status: { code: "UNSET" },
      },
      {
        name: "uploadPart FILES",
        attributes: { "error.type": "Error" },
        status: { code: "ERROR", message: expect.stringContaining("does not exist") },
      },
    ]);
  });

  test("makes no span of its own for being resumed, whether it exists or not", async () => {
    const { value, spans } = await traced(() => bucket.resumeMultipartUpload("big", "none"), {
      env,
    });
    expect([value.key, value.uploadId]).toEqual(["big", "none"]);
    expect(spans).toEqual([]);
  });
});

describe("a call that fails, fails the same, and its span says so", () => {
  test.each<[string, (target: R2Bucket) => unknown, string, string]>([
    [
      "get of an invalid range",
      (target) => target.get("hello", { range: { offset: -1 } }),
      "RangeError",
      "Invalid range. Starting offset (-1) must be greater than or equal to 0.",
    ],
    [
      "get of a range behind the end",
      (target) => target.get("hello", { range: { offset: 100 } }),
      "Error",
      "get: The requested range is not satisfiable (10039)",
    ],
    [
      "get of a range that contradicts itself",
      (target) => target.get("hello", { range: { offset: 1, suffix: 2 } as R2Range }),
      "TypeError",
      "Suffix is incompatible with offset.",
    ],
    [
      "put with a wrong checksum",
      (target) => target.put("bad", "hello", { md5: "0".repeat(32) }),
      "Error",
      expect.stringContaining("MD5"),
    ],
  ])("%s", async (_what, call, type, message) => {
    const { root, spans } = await compare(call);
    expect(spans).toMatchObject([
      {
        parentSpanId: root.spanId,
        attributes: { ...common, "error.type": type },
        status: { code: "ERROR", message },
        events: [{ name: "exception" }],
      },
    ]);
    expect(spans[0]?.attributes).not.toHaveProperty("cloudflare.r2.response.success");
  });

  test("a method taken off its bucket throws as before, and one that is bound works", async () => {
    const taken = await compare((target) => {
      if (target !== bucket) return Reflect.apply(identity, undefined, ["hello"]);
      const { get } = target;
      return get("hello");
    });
    expect(taken.spans).toMatchObject([{ name: "get r2", status: { code: "ERROR" } }]);
    const bound = await compare((target) => target.get.bind(target)("hello"));
    expect(bound.spans).toMatchObject([{ name: "get FILES" }]);
  });
});

describe("which calls make spans", () => {
  test("those of `env` from cloudflare:workers, where the platform invokes the Worker", async () => {
    const served = serve({
      async fetch() {
        const object = await (importedEnv as unknown as Env).FILES.head("hello");
        return new Response(object?.etag);
      },
    });
    const response = await served.send("/imported");
    expect(await response.text()).toBe(HELLO);
    await vi.waitFor(() => expect(served.collector.spans()).toHaveLength(2));
    expect(served.collector.traces()).toMatchObject([
      { roots: [{ name: "GET", children: [{ name: "head FILES", kind: "CLIENT" }] }] },
    ]);
  });

  test("those of a library that was given the binding before", async () => {
    const { spans } = await traced(() => held.bucket.head("hello"), { env });
    expect(spans).toMatchObject([{ name: "head FILES" }]);
  });

  test("each call once, however often handlers are instrumented", async () => {
    const collector = createCollector();
    const handler = {
      async fetch() {
        const upload = await bucket.createMultipartUpload("twice");
        await bucket.resumeMultipartUpload("twice", upload.uploadId).abort();
        return new Response();
      },
    };
    instrument(handler, exporterOf(collector));
    const { spans } = await invoke(instrument(handler, exporterOf(collector)), { env });
    expect(spans.map(({ name }) => name).toSorted()).toEqual([
      "GET",
      "abort FILES",
      "createMultipartUpload FILES",
    ]);
  });

  test("none where the request is not sampled", async () => {
    const sent = request("/", { headers: UNSAMPLED });
    const { response, collector } = await invoke(
      {
        async fetch() {
          const upload = await bucket.createMultipartUpload("unsampled");
          await upload.abort();
          const object = await bucket.get("hello");
          return new Response(object?.body);
        },
      },
      { env, request: sent },
    );
    expect(await response.text()).toBe("hello");
    expect(collector.exports).toEqual([]);
  });

  test("concurrent ones are siblings below the span that made them", async () => {
    const { spans } = await traced(
      () => span("gather", () => Promise.all(["hello", "none"].map((key) => bucket.head(key)))),
      { env },
    );
    const gather = spans.find(({ name }) => name === "gather");
    const heads = spans.filter(({ name }) => name === "head FILES");
    expect(heads.map(({ parentSpanId }) => parentSpanId)).toEqual([gather?.spanId, gather?.spanId]);
  });

  test("none for a class of another name or an object literal with the same methods", async () => {
    class Files {
      head(key: string): string {
        return key;
      }
    }
    const own = new Files();
    const literal = { head: (key: string) => key };
    const before = [Files.prototype.head, literal.head];
    const { spans } = await traced(() => [own.head("a"), literal.head("a")], {
      env: { OWN: own, LITERAL: literal },
    });
    expect(spans).toEqual([]);
    expect([Files.prototype.head, literal.head]).toEqual(before);
  });
});
