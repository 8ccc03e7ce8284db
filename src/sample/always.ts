/** The head samplers that need no ratio. */
import type { Sampler } from "@opentelemetry/sdk-trace";
import { probability } from "./probability.js";

/** Samples every invocation, whatever its caller decided. */
export const always: Sampler = /* @__PURE__ */ probability(1, { parentBased: false });

/** Samples no invocation, whatever its caller decided. */
export const never: Sampler = /* @__PURE__ */ probability(0, { parentBased: false });
