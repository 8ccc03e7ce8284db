/**
 * An application that does all that Workers may do and tells of it. The test runs it twice: as
 * it stands, and with functions that answer what they are given in the place of edgespan.
 */
import { moreBindings } from "edgespan/bindings";
import {
  instrument,
  instrumentDurableObject,
  instrumentEntrypoint,
  instrumentWorkflow,
} from "edgespan/worker";
import { answers } from "./answers.ts";
import { bodies } from "./bodies.ts";
import * as bindings from "./bindings.ts";
import type { Env, Given } from "./env.ts";
import { shapes } from "./handlers.ts";
import { outgoing } from "./outgoing.ts";
import * as storage from "./storage.ts";
import * as identity from "./identity.ts";
import { PlainDesk, PlainFlow, PlainRoom, called, fail } from "./receivers.ts";
import { type Attempts, attemptAll, shown } from "./shown.ts";
import { type Remote, VALUES, calls } from "./values.ts";

export const Desk = instrumentEntrypoint(PlainDesk);
export const Room = instrumentDurableObject(PlainRoom);
export const Flow = instrumentWorkflow(PlainFlow);

const GROUPS: Record<string, (given: Given) => Attempts> = {
  kv: ({ env }) => storage.keyValue(env),
  r2: ({ env }) => storage.buckets(env),
  d1: ({ env }) => storage.databases(env),
  queues: ({ env }) => bindings.queues(env),
  objects: ({ env }) => bindings.objects(env),
  services: ({ env }) => bindings.services(env),
  cache: () => storage.cache(),
  others: ({ env }) => bindings.others(env),
  environment: identity.environment,
  context: identity.context,
  globals: identity.globals,
  handlers: shapes,
  outgoing,
  bodies,
  "rpc-service": ({ env }) => calls("service", env.DESK),
  "rpc-object": ({ env }) => {
    const stub = env.ROOMS.getByName("one") as unknown as Remote & { storage(): unknown };
    return { ...calls("object", stub), "the object's storage": () => stub.storage() };
  },
  "rpc-exports": ({ ctx }) => {
    const { exports } = ctx as unknown as {
      exports: { Desk: Remote & ((options: object) => Remote) };
    };
    return {
      ...calls("exported", exports.Desk),
      "exported with props": () => exports.Desk({ props: { a: 1 } }).isItself(),
    };
  },
};

interface Letter {
  kind: string;
  name?: string;
}

const app = {
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    const group = GROUPS[new URL(request.url).pathname.slice(1)];
    Error.stackTraceLimit = 100;
    const depth = new Error("here").stack?.split("\n").length ?? 0;
    const given = { self: this, request, env, ctx, depth };
    if (!group) return answers(given);
    return Response.json(await attemptAll(group(given)));
  },

  async scheduled(controller: ScheduledController, env: Env, ctx: ExecutionContext): Promise<void> {
    const { cron, noRetry } = controller;
    await note(`scheduled ${cron}`, [Object.keys(controller), typeof noRetry, "KV" in env, ctx]);
    if (cron === "no retry") controller.noRetry();
    if (cron in VALUES) fail(cron);
  },

  async queue(batch: MessageBatch<Letter>): Promise<void> {
    for (const message of batch.messages) {
      const { kind, name = "" } = message.body;
      if (kind === "none") continue;
      const { attempts, ack } = message;
      await note(`queue ${kind} ${name} ${attempts}`, [
        Object.keys(batch),
        Object.keys(message),
        typeof ack,
        message.body,
        batch.messages === batch.messages,
        Object.getOwnPropertyNames(Object.getPrototypeOf(message)),
      ]);
      if (attempts > 1) continue;
      if (kind === "throw") fail(name);
      if (kind === "ack") message.ack();
      if (kind === "retry") message.retry({ delaySeconds: 0 });
      if (kind === "ackAll") batch.ackAll();
      if (kind === "retryAll") batch.retryAll();
    }
  },

  async email(message: ForwardableEmailMessage): Promise<void> {
    const { from, to, headers, rawSize, raw } = message;
    const [name = ""] = from.split("@");
    await note(`email ${from}`, [
      Object.keys(message),
      to,
      headers,
      rawSize,
      await new Response(raw).text(),
    ]);
    if (name === "reject") message.setReject("as asked");
    if (name === "forward") await message.forward("c@x.test");
    if (name in VALUES) fail(name);
  },
};

/** Notes a call of the platform's, and what it was made with. */
async function note(key: string, told: unknown): Promise<void> {
  called[key] = [...((called[key] as unknown[] | undefined) ?? []), await shown(told)];
}

export default instrument(app, { instrument: { bindings: [moreBindings] } });
