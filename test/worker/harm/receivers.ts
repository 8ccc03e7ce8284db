/** The classes that the platform makes instances of: each bare here, and instrumented by `app.ts`. */
import {
  DurableObject,
  WorkerEntrypoint,
  WorkflowEntrypoint,
  type WorkflowEvent,
  type WorkflowStep,
  env as imported,
} from "cloudflare:workers";
import type { Env } from "./env.ts";
import { shown } from "./shown.ts";
import { Counter, VALUES } from "./values.ts";

/** How often the platform called, by a name that the caller gave. */
export const called: Record<string, unknown> = {};

export function fail(name: string): never {
  throw VALUES[name]?.();
}

/** What both kinds of receivers do. */
const shared = {
  async show(...args: unknown[]): Promise<unknown> {
    return [args.length, JSON.stringify(await shown(args))];
  },
  same: (value: unknown): unknown => value,
  fail,
  async failLater(name: string): Promise<never> {
    await scheduler.wait(1);
    return fail(name);
  },
  counter: (): Counter => new Counter(),
  kept: (): Counter => new Counter(),
  doubler: (): unknown => (x: number) => 2 * x,
  countBy: (counter: Counter): unknown => counter.increment(5),
  call: async (back: (x: number) => unknown): Promise<unknown> => back(1),
  bytes: (size: number): unknown => new Response(new Uint8Array(size).fill(7)).body,
};

export class PlainDesk extends WorkerEntrypoint<Env> {
  field = (): string => "a field";
  get size(): number {
    return 42;
  }
  get nested(): unknown {
    return { deep: { value: 7 } };
  }
  isItself(): unknown[] {
    const { ctx, env } = this;
    const { props } = ctx as { props?: unknown };
    return [
      this instanceof PlainDesk,
      this instanceof WorkerEntrypoint,
      this.constructor.name,
      env === imported,
      ctx === this.ctx,
      props,
      Object.keys(this),
      Object.keys(ctx),
    ];
  }
  override async fetch(request: Request): Promise<Response> {
    return answer(request, "desk");
  }
}

export class PlainRoom extends DurableObject<Env> {
  #secret = "private";
  field = (): string => this.#secret;
  #kept: ((x: unknown) => unknown) | undefined;
  get size(): number {
    return 42;
  }
  get nested(): unknown {
    return { deep: { value: 7 } };
  }
  keep(back: ((x: unknown) => unknown) & { dup?(): (x: unknown) => unknown }): void {
    this.#kept = back.dup?.() ?? back;
  }
  async recall(): Promise<unknown> {
    return this.#kept?.("recalled");
  }
  isItself(): unknown[] {
    const { ctx, env } = this;
    return [
      this instanceof PlainRoom,
      this instanceof DurableObject,
      this.constructor.name,
      env === imported,
      ctx === this.ctx,
      Object.keys(this),
      Object.keys(ctx),
      ctx.storage === ctx.storage,
      ctx.id.name,
      ctx.constructor.name,
      ctx.storage.constructor.name,
      Object.keys(ctx.storage),
    ];
  }
  override async fetch(request: Request): Promise<Response> {
    if (request.headers.get("upgrade") !== "websocket") return answer(request, "room");
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server, ["a tag"]);
    return new Response(null, { status: 101, webSocket: client });
  }
  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    if (message === "close") return socket.close(4001, "as asked");
    if (message === "throw") throw new RangeError("of a message");
    socket.send(JSON.stringify(await shown([message, this.ctx.getTags(socket), this.#secret])));
  }
  override webSocketClose(socket: WebSocket, code: number, reason: string, clean: boolean): void {
    called[`closed ${code} ${reason} ${clean}`] = 1;
    socket.close(code, reason);
  }
  /** Has the alarm throw a value by this name the first time. */
  async arm(name: string): Promise<void> {
    await this.ctx.storage.put("throws", name);
    await this.ctx.storage.setAlarm(Date.now());
  }
  override async alarm(info?: AlarmInvocationInfo): Promise<void> {
    const name = (await this.ctx.storage.get<string>("throws")) ?? "";
    const key = `alarm ${name} ${JSON.stringify(info)}`;
    called[key] = ((called[key] as number | undefined) ?? 0) + 1;
    if (info?.retryCount === 0 && name in VALUES) fail(name);
  }
  async storage(): Promise<unknown> {
    const { storage } = this.ctx;
    const { get } = storage;
    await storage.put({ a: 1, b: new Map([["c", 2]]) });
    const attempts = [
      () => storage.get("a"),
      () => storage.get(["a", "b", "none"]),
      () => get("a"),
      () => Reflect.apply(get, {}, ["a"]),
      () => storage.list(),
      () => storage.put("a", () => 1),
      () => storage.delete(["a", "none"]),
      () =>
        storage.transaction(async (own) => [
          own === (storage as unknown),
          await own.get("b"),
          own.rollback(),
        ]),
      () => storage.transactionSync(() => "within"),
      () => storage.transactionSync(() => fail("text")),
      () => storage.sql.exec("SELECT ? AS one", 1).toArray(),
      () => storage.sql.exec("SELEC"),
      () => [...storage.sql.exec("SELECT 1 AS a, 2 AS a").raw()],
      () => storage.sql.exec("SELECT 1").one(),
      () => Object.keys(storage.sql.exec("SELECT 1")),
      () => storage.kv.get("b"),
      () => [...storage.kv.list()],
      () => storage.getAlarm(),
      () => [storage.sql === storage.sql, storage.kv === storage.kv, storage.constructor.name],
      () => structuredClone(storage),
    ];
    const results = attempts.map(async (work) => {
      try {
        return await shown(await work());
      } catch (error) {
        return ["threw", await shown(error)];
      }
    });
    return JSON.stringify(await Promise.all(results));
  }
}

// As if they stood in the classes.
for (const { prototype } of [PlainDesk, PlainRoom])
  for (const [name, value] of Object.entries(shared))
    Object.defineProperty(prototype, name, { configurable: true, writable: true, value });

async function answer(request: Request, by: string): Promise<Response> {
  const url = new URL(request.url);
  if (url.pathname === "/throw") fail(url.searchParams.get("value") ?? "");
  const { method, headers } = request;
  if (url.pathname === "/names") return Response.json(Object.fromEntries(headers));
  return new Response(JSON.stringify([by, method, await shown(headers), await request.text()]), {
    status: 202,
    headers: { "x-by": by },
  });
}

export class PlainFlow extends WorkflowEntrypoint<Env> {
  override async run(event: WorkflowEvent<unknown>, step: WorkflowStep): Promise<unknown> {
    const payload = await shown(event.payload);
    const seen = await step.do("look", async () => [
      this instanceof PlainFlow,
      Object.keys(this),
      Object.keys(event),
      this.env === imported,
    ]);
    if (event.payload === "fail")
      await step.do("fail", { retries: { limit: 0, delay: 1 } }, async () => fail("custom error"));
    return JSON.stringify([payload, seen, Object.keys(step)]);
  }
}
