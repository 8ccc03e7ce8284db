/** The head samplers that need no ratio. */
import type { HeadSampler } from "../trace/tracing.js";
import { probability } from "./probability.js";

/** Samples every invocation, whatever its caller decided. */
export const always: HeadSampler = /* @__PURE__ */ probability(1, { parentBased: false });

/** Samples no invocation, whatever its caller decided. */
export const never: HeadSampler = /* @__PURE__ */ probability(0, { parentBased: false });
