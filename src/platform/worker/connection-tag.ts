/**
 * Where the context of a connection is kept while its Durable Object hibernates: in a tag.
 *
 * Of all that survives, only tags can be added to without changing what the application has:
 * its attachment is one value, which we would have to put into another and which may be as
 * long as is allowed already, and storage costs a write. A tag is given once, when the socket is
 * accepted, and `getTags` leaves it out. An application that gives as many tags as are allowed
 * keeps them all; then what arrives begins traces of its own.
 */
import { activeContext, activeFrame } from "../../trace/active.js";
import { quietly } from "../../trace/quietly.js";
import { runSpan } from "../../trace/span.js";
import type { Tracing } from "../../trace/tracing.js";
import type { Carrier } from "../../trace/trigger.js";
import { type Method, type Replacement, replaceMethods } from "./replace-methods.js";
import { WEBSOCKET_CONNECT, tracesSockets } from "./web-socket.js";

/** A tag of ours is this and what the propagators wrote, as a query string. */
const PREFIX = "edgespan:";
/** When the socket was accepted, in milliseconds since the epoch. */
const SINCE = "since";
/** @see https://developers.cloudflare.com/durable-objects/api/state/#acceptwebsocket */
const LONGEST_TAG = 256;
const MOST_TAGS = 10;

/** Whoever hands this to `getTags`, beside the socket, gets the tags that are ours. */
const OURS: unique symbol = Symbol.for("edgespan.tags");

export interface Connection extends Carrier {
  readonly since: number;
}

/** What is known of the connection of a socket; nothing where it was accepted untraced. */
export function connectionOf(ctx: object, socket: unknown): Connection | undefined {
  return quietly(() => {
    const { getTags } = ctx as { getTags: Method };
    const [tag] = Reflect.apply(getTags, ctx, [socket, OURS]) as string[];
    if (!tag?.startsWith(PREFIX)) return undefined;
    const kept = new URLSearchParams(tag.slice(PREFIX.length));
    return Object.assign(kept, { since: Number(kept.get(SINCE)) });
  });
}

/** Instruments the class of a Durable Object's context. */
export function keepConnections(ctx: object): void {
  replaceMethods(ctx, METHODS);
}

const METHODS: Readonly<Record<string, Replacement>> = {
  acceptWebSocket: (original) =>
    function (...args) {
      const tracing = activeFrame()?.scope?.tracing;
      if (!tracing || !tracesSockets(tracing)) return Reflect.apply(original, this, args);
      return runSpan(WEBSOCKET_CONNECT, {}, () =>
        Reflect.apply(original, this, quietly(() => withTag(args, tracing)) ?? args),
      );
    },
  getTags: (original) =>
    function (...args) {
      const tags = Reflect.apply(original, this, args) as string[];
      const wantsOurs = args[1] === OURS;
      return tags.filter((tag) => tag.startsWith(PREFIX) === wantsOurs);
    },
};

/** What is no list is left for the platform to refuse. */
function withTag(
  [socket, tags = [], ...rest]: readonly unknown[],
  tracing: Tracing,
): unknown[] | undefined {
  if (!Array.isArray(tags) || tags.length >= MOST_TAGS) return undefined;
  return [socket, [...(tags as unknown[]), tagOf(tracing)], ...rest];
}

/** Where it is too long, as with much baggage, the longest fields are left out. */
function tagOf({ propagator }: Tracing): string {
  const kept = new URLSearchParams({ [SINCE]: String(Date.now()) });
  propagator.inject(activeContext(), kept, {
    set(_carrier, name, value) {
      kept.set(name, value);
    },
  });
  const longest = (): string =>
    [...kept].reduce((one, other) => (one[1].length < other[1].length ? other : one))[0];
  while (PREFIX.length + String(kept).length > LONGEST_TAG) kept.delete(longest());
  return PREFIX + String(kept);
}
