/** The options that say how context travels, and whose is continued. */
import type { TextMapPropagator } from "@opentelemetry/api";

/** The list of those that are used, or by name those that `OTEL_PROPAGATORS` may choose. */
export type Propagators = readonly (TextMapPropagator | BuiltInPropagator)[] | NamedPropagators;

/** Needs no import. */
export type BuiltInPropagator = "tracecontext" | "baggage";

/** Propagators by the names that `OTEL_PROPAGATORS` has for them. */
export interface NamedPropagators {
  readonly [name: string]: TextMapPropagator;
}

/** Whose context is continued. */
export type Trust = "all" | "none" | TrustRule;

/** Written as a method's type, so that a function of the platform's own `Request` fits too. */
export type TrustRule = { trusts(event: unknown): boolean }["trusts"];
