/**
 * B3, by the maintained package. Its pattern for the single header is not anchored, so that it
 * would search through whatever length it is given.
 * @see https://github.com/openzipkin/b3-propagation
 */
import type { TextMapPropagator } from "@opentelemetry/api";
import { B3InjectEncoding, B3Propagator } from "@opentelemetry/propagator-b3";
import { bounded } from "./bounded.js";

/** `{trace id}-{span id}-{sampling state}-{parent span id}` is the longest header. */
const MAX_LENGTH = 68;

/** Zipkin's B3: reads the header `b3` or those that begin with `x-b3-`, and writes `b3`. */
export const b3: TextMapPropagator = /* @__PURE__ */ bounded(
  /* @__PURE__ */ new B3Propagator(),
  MAX_LENGTH,
);

/** Zipkin's B3: reads what `b3` reads, and writes the headers that begin with `x-b3-`. */
export const b3multi: TextMapPropagator = /* @__PURE__ */ bounded(
  /* @__PURE__ */ new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER }),
  MAX_LENGTH,
);
