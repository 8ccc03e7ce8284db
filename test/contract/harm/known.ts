/** The differences that are known, each with the reason why it is there. */
import { isDeepStrictEqual } from "node:util";

interface Known {
  readonly groups: RegExp;
  /** The names of attempts. */
  readonly attempts: RegExp;
  readonly what: string;
  readonly why: string;
}

const REPLACED =
  "Methods are replaced by functions of JavaScript, on the platform's own prototypes, so that no binding needs a Proxy.";

export const KNOWN: readonly Known[] = [
  {
    groups: /^outgoing$/,
    attempts: /^what fetch sends$/,
    what: "`fetch` sends `traceparent` (and `tracestate`, `baggage`) where the context may travel.",
    why: "It is what tracing is for; `instrument.fetch.propagateTo` restricts it.",
  },
  {
    groups: /^services$/,
    attempts: /^what DESK is sent$/,
    what: "`fetch` of a service binding or a Durable Object's stub sends `traceparent`.",
    why: "It is what tracing is for.",
  },
  {
    groups: /^(kv|r2|d1|queues|objects|services|cache|others|context)$/,
    attempts: / by new$/,
    what: "`new env.KV.get()` throws another TypeError, or none where the method is D1's.",
    why: REPLACED,
  },
  {
    groups: /^globals$/,
    attempts: /^fetch by new$/,
    what: "`new fetch()` throws a TypeError that shows another text.",
    why: REPLACED,
  },
  {
    groups: /^(kv|r2|d1|queues|objects|services|cache|others|context|globals)$/,
    attempts: / kind$/,
    what: "Such a method has a `prototype`; one that was `async` is an ordinary function, which answers the same promise.",
    why: REPLACED,
  },
  {
    groups: /^globals$/,
    attempts: /('s text)$/,
    what: "`String(fetch)`, and that of each method that is replaced, is not `[native code]`.",
    why: REPLACED,
  },
  {
    groups: /^globals$/,
    attempts: /^globalThis's symbols$/,
    what: "`globalThis` has the symbol by which all copies of `@opentelemetry/api` find each other.",
    why: "The application's own tracers work by it.",
  },
  {
    groups: /^globals$/,
    attempts: /^an error's stack$/,
    what: "A stack trace has frames of edgespan between the application's and the platform's.",
    why: "What calls is on the stack.",
  },
  {
    groups: /^handlers$/,
    attempts: /: (kind|text)$|^class \w+: methods' kind$/,
    what: "A handler's methods are ordinary functions, and a class that is instrumented shows another text.",
    why: "They stand in for the application's own, which they call.",
  },
  {
    groups: /^handlers$/,
    attempts: /^an instance: (own names|flags)$|^a (getter|hidden one): (flags)$/,
    what: "A handler of its class, or a getter, becomes a property of the object's own (which cannot be enumerated if it could not be before).",
    why: "The class may have other instances that are not to be traced.",
  },
  {
    groups: /^handlers$/,
    attempts: /^a (frozen|sealed|read-only) one: (is itself|is frozen|flags)$/,
    what: "A handler that cannot be changed is stood in for by an object that inherits from it.",
    why: "It cannot be changed.",
  },
  {
    groups: /^handlers$/,
    attempts: /^class \w+: (prototype's (names|base)|getter's looks|without new)$/,
    what: "An instrumented class has one more class between it and its base; called without `new` it throws another TypeError.",
    why: "It inherits from the application's own, which stays as it is.",
  },
];

const rowsOf = (group: string): readonly Known[] =>
  KNOWN.filter(({ groups }) => groups.test(group));

export function isKnown(group: string, attempt: string): boolean {
  return rowsOf(group).some(({ attempts }) => attempts.test(attempt));
}

/** The rows that nothing differs by, which are therefore to be deleted. */
export function unmet(group: string, bare: object = {}, traced: object = {}): string[] {
  const differing = Object.entries(bare)
    .filter(([name, told]) => !isDeepStrictEqual(told, (traced as Record<string, unknown>)[name]))
    .map(([name]) => name);
  return rowsOf(group)
    .filter(({ attempts }) => !differing.some((name) => attempts.test(name)))
    .map(({ what }) => what);
}
