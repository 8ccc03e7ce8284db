/** The bindings that store: KV, R2, D1, and the Cache API. */
import type { Env } from "./env.ts";
import { methodsOf } from "./methods.ts";
import type { Attempts } from "./shown.ts";

export function keyValue({ KV }: Env): Attempts {
  return {
    ...methodsOf("KV", KV, {
      put: () => ["key", "value", { metadata: { a: 1 }, expirationTtl: 600 }],
      get: () => ["key"],
      getWithMetadata: () => ["key", "text"],
      list: () => [{ prefix: "k" }],
      delete: () => ["key"],
    }),
    "KV of several keys": async () => {
      await KV.put("one", "1");
      await KV.put("two", '{"b":2}');
      return [await KV.get(["one", "none"]), await KV.getWithMetadata(["two"], "json")];
    },
    "KV of every type": async () => [
      await KV.get("two", "json"),
      await KV.get("two", { type: "arrayBuffer" }),
      await KV.get("two", "stream"),
      await KV.get("none", "stream"),
      await Promise.resolve(Reflect.apply(KV.get as never, KV, ["two", "wrong"])).catch(String),
    ],
    "KV of streams and buffers": async () => {
      await KV.put("stream", new Response("from a stream").body as ReadableStream);
      await KV.put("buffer", new Uint8Array([1, 2, 3]).buffer);
      return [await KV.get("stream"), await KV.get("buffer", "arrayBuffer")];
    },
    "KV of an empty key": () => KV.put("", "value"),
    "KV of a long key": () => KV.get("k".repeat(600)),
    "KV of a value that cannot be JSON": () =>
      KV.get("one", "json").then(() => KV.get("key", "json")),
  };
}

export function buckets({ R2 }: Env): Attempts {
  return {
    ...methodsOf("R2", R2, {
      put: () => ["key", "value", { customMetadata: { a: "1" } }],
      get: () => ["key"],
      head: () => ["key"],
      list: () => [{ prefix: "k" }],
      createMultipartUpload: () => ["parts"],
      resumeMultipartUpload: () => ["parts", "none"],
      delete: () => ["key"],
    }),
    "R2 of a part": async () => {
      await R2.put("key", "a longer value", { httpMetadata: { contentType: "text/x" } });
      const part = await R2.get("key", { range: { offset: 2, length: 6 } });
      const headers = new Headers();
      part?.writeHttpMetadata(headers);
      return [await part?.text(), part?.range, part?.bodyUsed, headers, part?.checksums.toJSON()];
    },
    "R2 of a condition": async () => {
      const kept = await R2.get("key", { onlyIf: { etagMatches: "none" } });
      return [
        kept && "body" in kept,
        kept?.constructor.name,
        await R2.put("key", "x", { onlyIf: { etagMatches: "none" } }),
      ];
    },
    "R2 in several parts": async () => {
      const upload = await R2.createMultipartUpload("whole");
      const part = await upload.uploadPart(1, "only part");
      const done = await upload.complete([part]);
      return [
        Object.keys(upload),
        part.partNumber,
        done.size,
        await (await R2.get("whole"))?.text(),
      ];
    },
    "R2 of an upload that is aborted": async () => {
      const upload = await R2.createMultipartUpload("never");
      const { abort, uploadPart } = upload;
      await Promise.resolve(upload.abort());
      return [typeof abort, typeof uploadPart, await R2.head("never")];
    },
    "R2 of a stream": async () => {
      const { readable, writable } = new FixedLengthStream(5);
      const put = R2.put("stream", readable);
      const writer = writable.getWriter();
      await writer.write(new TextEncoder().encode("12345"));
      await writer.close();
      return [(await put)?.size, (await R2.get("stream"))?.body];
    },
    "R2 of an object read twice": async () => {
      const got = await R2.get("stream");
      return [await got?.text(), await got?.text().catch((error: unknown) => error)];
    },
  };
}

export function databases({ D1 }: Env): Attempts {
  const rows = (): D1PreparedStatement =>
    D1.prepare("SELECT name, size FROM things WHERE size > ?");
  return {
    "D1 begins": () => D1.exec("CREATE TABLE IF NOT EXISTS things (name TEXT, size INT)"),
    "D1 fills": () => D1.exec("DELETE FROM things; INSERT INTO things VALUES ('a', 1), ('b', 2)"),
    ...methodsOf("D1", D1, {
      prepare: () => ["SELECT 1 AS one"],
      exec: () => ["SELECT 1"],
      batch: () => [[rows().bind(0), rows().bind(1)]],
      withSession: () => ["first-primary"],
      dump: () => [],
    }),
    ...methodsOf("D1 statement", rows().bind(0), {
      all: () => [],
      first: () => ["name"],
      raw: () => [{ columnNames: true }],
      run: () => [],
      bind: () => [1],
    }),
    "D1 in a session": async () => {
      const session = D1.withSession();
      const { results, meta } = await session.prepare("SELECT 1 AS one").all();
      return [
        results,
        Object.keys(meta),
        typeof session.getBookmark(),
        await session.batch([]).catch((error: unknown) => error),
      ];
    },
    "D1 wrong text": () => D1.prepare("SELEC").all(),
    "D1 wrong batch": () => D1.batch([rows().bind(0), D1.prepare("SELECT * FROM none")]),
    "D1 no such column": () => rows().bind(0).first("none"),
    "D1 wrong values": () => rows().bind({}).all(),
    "D1 statement bound twice": async () => {
      const bound = rows();
      const [one, two] = [bound.bind(0), bound.bind(1)];
      return [one === bound, Object.keys(bound), (await one.all()).results, await two.raw()];
    },
  };
}

export function cache(): Attempts {
  const { default: cached } = caches as unknown as { default: Cache };
  const answer = (): Response =>
    new Response("cached", { headers: { "cache-control": "max-age=600", "x-a": "1" } });
  return {
    ...methodsOf("cache", cached, {
      put: () => ["http://cache.test/one", answer()],
      match: () => ["http://cache.test/one"],
      delete: () => ["http://cache.test/one"],
    }),
    "caches are one object": () => [caches.default === cached, Object.keys(caches)],
    ...methodsOf("caches", caches, { open: () => ["own"] }),
    "cache of a Request": async () => {
      const own = await caches.open("own");
      await own.put(new Request("http://cache.test/two"), answer());
      return own.match(new Request("http://cache.test/two", { headers: { range: "bytes=0-1" } }));
    },
    "cache of a POST": () =>
      cached.put(new Request("http://cache.test/", { method: "POST" }), answer()),
    "cache of what is used": async () => {
      const used = answer();
      await used.text();
      return cached.put("http://cache.test/", used);
    },
    "cache of no URL": () => cached.match("no URL"),
  };
}
