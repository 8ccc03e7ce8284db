export { always, never } from "./sample/always.js";
export type { AttributeCondition, Conditions } from "./sample/conditions.js";
export type { SamplerOptions } from "./sample/consistent.js";
export { probability } from "./sample/probability.js";
export { type RateLimitOptions, rateLimited } from "./sample/rate-limited.js";
export { type SamplingRule, rules } from "./sample/rules.js";
export { type TailOptions, tail } from "./sample/tail.js";
export type { TailRule } from "./sample/tail-rule.js";
export type { HeadSampler, TailSampler } from "./trace/tracing.js";
