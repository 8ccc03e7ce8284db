/** The bindings that send, call and compute. */
import { EmailMessage } from "cloudflare:email";
import { methodsOf } from "./methods.ts";
import type { Env } from "./env.ts";
import type { Attempts } from "./shown.ts";

/** One pixel. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const id = (): string => `i${count++}`;
let count = 0;

export function queues({ QUEUE }: Env): Attempts {
  return methodsOf("QUEUE", QUEUE, {
    send: () => [{ kind: "none" }, { contentType: "json" }],
    sendBatch: () => [[{ body: { kind: "none" } }, { body: { kind: "none" }, delaySeconds: 1 }]],
  });
}

export function objects({ ROOMS }: Env): Attempts {
  return {
    ...methodsOf("ROOMS", ROOMS, {
      idFromName: () => ["one"],
      idFromString: () => [String(ROOMS.idFromName("one"))],
      getByName: () => ["one"],
      get: () => [ROOMS.idFromName("one")],
      jurisdiction: () => ["eu"],
    }),
    ...methodsOf("stub", ROOMS.getByName("one"), { fetch: () => ["http://room/plain"] }),
    "stub's parts": () => {
      const stub = ROOMS.getByName("one");
      return [
        stub.name,
        stub.id.name,
        stub.id.equals(ROOMS.idFromName("one")),
        Object.keys(stub),
        stub instanceof Object,
        JSON.stringify(stub.id),
      ];
    },
    "unique ids": () => {
      const unique = ROOMS.newUniqueId();
      return [unique.name, unique.toString().length, Object.keys(unique), ROOMS.get(unique).name];
    },
  };
}

export function services({ DESK, SELF }: Env): Attempts {
  return {
    ...methodsOf("DESK", DESK, {
      fetch: () => ["http://desk/plain", { method: "PUT", body: "x" }],
    }),
    "SELF answers": async () => (await SELF.fetch("http://self/plain")).text(),
    "SELF is sent a Request": async () =>
      (await SELF.fetch(new Request("http://self/plain", { method: "POST", body: "y" }))).text(),
    "SELF at no URL": () => SELF.fetch("/relative"),
    "SELF in a loop of Requests": async () => {
      const request = new Request("http://self/plain", { method: "POST", body: "z" });
      await SELF.fetch(request);
      return [request.bodyUsed, await SELF.fetch(request).catch((error: unknown) => error)];
    },
    "what DESK is sent": async () =>
      Object.keys((await (await DESK.fetch("http://desk/names")).json()) as object),
    "DESK connects": () => typeof DESK.connect,
  };
}

export function others(env: Env): Attempts {
  const { ANALYTICS, LIMITER, HYPERDRIVE, IMAGES, EMAIL, SECRET, FLOWS } = env;
  const png = (): ReadableStream =>
    new Response(Uint8Array.from(atob(PNG), (character) => character.charCodeAt(0)))
      .body as ReadableStream;
  const raw = "From: a@x.test\r\nTo: b@x.test\r\nMessage-ID: <1@x.test>\r\nSubject: s\r\n\r\ntext";
  return {
    ...methodsOf("ANALYTICS", ANALYTICS, {
      writeDataPoint: () => [{ blobs: ["a"], doubles: [1] }],
    }),
    ...methodsOf("LIMITER", LIMITER, { limit: () => [{ key: "one" }] }),
    ...methodsOf("IMAGES", IMAGES, { info: () => [png()], input: () => [png()] }),
    ...methodsOf("EMAIL", EMAIL, { send: () => [new EmailMessage("a@x.test", "b@x.test", raw)] }),
    ...methodsOf("SECRET", SECRET, { get: () => [] }),
    ...methodsOf("FLOWS", FLOWS, {
      create: () => [{ id: id(), params: { a: 1 } }],
      createBatch: () => [[{ id: id() }]],
      get: () => ["i0"],
    }),
    "FLOWS' instance": async () => {
      const instance = await FLOWS.create({ id: "whole", params: new Map([["a", 1]]) });
      const told = [instance.id, Object.keys(instance)];
      for (;;) {
        const { status, output, error } = await instance.status();
        if (status === "complete" || status === "errored") return [...told, status, output, error];
        await scheduler.wait(10);
      }
    },
    "FLOWS' instance that fails": async () => {
      const instance = await FLOWS.create({ id: "failing", params: "fail" });
      for (;;) {
        const { status, output, error } = await instance.status();
        if (status === "complete" || status === "errored") return [status, output, error];
        await scheduler.wait(10);
      }
    },
    "FLOWS of a known id": () => FLOWS.create({ id: "whole" }),
    "IMAGES' output": async () => {
      const result = await IMAGES.input(png())
        .transform({ width: 1 })
        .output({ format: "image/png" });
      return [result.contentType(), Object.keys(result), result.response().status];
    },
    HYPERDRIVE: () => [
      Object.keys(HYPERDRIVE),
      HYPERDRIVE.user,
      HYPERDRIVE.port,
      typeof HYPERDRIVE.connect,
      HYPERDRIVE.connectionString.replace(/@[^/]*/, "@host"),
    ],
  };
}
