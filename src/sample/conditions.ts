/** What rules of head and tail samplers ask of a span. */
import type { Attributes } from "@opentelemetry/api";
import { FAAS_TRIGGER, HTTP_REQUEST_METHOD, HTTP_ROUTE, SERVICE_NAME } from "../trace/semconv.js";

/** All that are set must be true. */
export interface Conditions {
  /** `faas.trigger`: `http`, `pubsub` (queues), `timer` (cron, alarms), `datasource` or `other`. */
  trigger?: string;
  /**
   * The route, or where none is known (yet) the path, percent-encoded as the URL has it:
   * `/orders/:id` and `/admin/*`, where `:id` stands for one segment and `*` for any text, or a RegExp.
   */
  route?: string | RegExp;
  /** The HTTP method. */
  method?: string;
  /** `service.name` of the service that samples, where several share their options. */
  service?: string;
  /** Attributes by name: each has this value, matches (text, or a number) this RegExp, or makes this function true. */
  attributes?: Readonly<Record<string, AttributeCondition>>;
}

export type AttributeCondition = string | number | boolean | RegExp | ((value: unknown) => boolean);

type Matches = (attributes: Attributes) => boolean;

export interface Compiled {
  /** Whether the root span of an invocation and its resource are as asked. */
  root(attributes: Attributes, resource: Attributes | undefined): boolean;
  /** Whether a span has the attributes that are asked for. */
  attributes: Matches;
}

export function compile({ trigger, route, method, service, attributes }: Conditions): Compiled {
  const literal = String(route).replace(/[^\w/:*]/g, "\\$&");
  let stars = 0;
  const pattern = `^${literal}$`
    .replace(/:\w+/g, "[^/]+?")
    // The first place of what stands behind a star is the best, and a lookahead does not give up
    // what it has found: a path, which anybody may write, is not searched again and again.
    .replace(/\*([^*]*)/g, (_, then) => `(?=(.*?${then}))\\${++stars}`);
  const path = typeof route === "string" ? new RegExp(pattern) : route;
  const verb = method?.toUpperCase();
  return {
    root(of, resource) {
      return (
        (trigger === undefined || of[FAAS_TRIGGER] === trigger) &&
        (verb === undefined || of[HTTP_REQUEST_METHOD] === verb) &&
        (service === undefined || resource?.[SERVICE_NAME] === service) &&
        (path === undefined || holds(of[HTTP_ROUTE] ?? of["url.path"], path))
      );
    },
    attributes(of) {
      for (const name in attributes)
        if (!holds(of[name], attributes[name] as AttributeCondition)) return false;
      return true;
    },
  };
}

function holds(value: unknown, condition: AttributeCondition): boolean {
  if (typeof condition === "function") return condition(value);
  if (!(condition instanceof RegExp)) return value === condition;
  // Not test(), by which a RegExp with the g flag would answer by turns.
  return ((value as string | undefined)?.toString().search(condition) ?? -1) >= 0;
}
