/**
 * Consistent probability sampling: a trace is kept where its randomness reaches a threshold,
 * so that what a service of a low ratio keeps, one of a higher ratio keeps too. The member `ot`
 * of `tracestate` says by which threshold a span was kept (`th`), and holds the randomness
 * where the trace id is not random (`rv`).
 * @see https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/
 */
import type { Context, TraceState } from "@opentelemetry/api";
import type { SamplingResult } from "@opentelemetry/sdk-trace";
import { NOT_RECORD, RECORD_AND_SAMPLED, SAMPLED_FLAG } from "../trace/enums.js";
import { traceStateOf } from "../trace/trace-state.js";
import { validSpanContext } from "../trace/valid-span-context.js";

export interface SamplerOptions {
  /** Whether the decision of a caller is followed. Default `true`. */
  parentBased?: boolean;
}

/** Both are shared: a decision that changes no `tracestate` allocates nothing. */
export const DROP: SamplingResult = { decision: NOT_RECORD };
export const KEEP: SamplingResult = { decision: RECORD_AND_SAMPLED };

const MEMBER = "ot";
const RANDOMNESS = /(?:^|;)rv:([\da-f]{14})(?:;|$)/;
const THRESHOLD = /(?:^|;)th:([\da-f]{1,14})(?:;|$)/;
/**
 * What is handed on beside a threshold; the Collector's sampler drops a span for anything else.
 * @see https://opentelemetry.io/docs/specs/otel/trace/tracestate-handling/
 */
const FIELD = /^(?!th:|rv:)[a-z][a-z\d]*:[\w.-]*$/;
const MAX_VALUE = 256;
const DIGITS = 14;

/**
 * The threshold of a ratio: up to 14 hexadecimal digits, without zeros at their end, right to
 * the last. That of 0, which no randomness reaches, is a character above all digits.
 */
export function thresholdOf(ratio: number): string {
  if (!(ratio >= 0 && ratio <= 1)) throw new RangeError(`ratio ${ratio} must be from 0 to 1`);
  // Exact: 2⁵⁶ only moves the point of a double, and the difference needs more than its 53 bits.
  const kept = BigInt(Math.round(ratio * 2 ** 56));
  if (!kept) return "g";
  return (2n ** 56n - kept).toString(16).padStart(DIGITS, "0").replace(/0+$/, "") || "0";
}

/** Whether the trace's 56 bits of randomness reach the threshold; digits have the order of their codes. */
export function reaches(
  threshold: string,
  traceId: string,
  state: TraceState | undefined,
): boolean {
  const digits = thresholdIn(state, RANDOMNESS) ?? traceId;
  // Digit by digit: a part of a string would be allocated.
  for (let at = 0, from = digits.length - DIGITS; at < threshold.length; at++) {
    const above = digits.charCodeAt(from + at) - threshold.charCodeAt(at);
    if (above) return above > 0;
  }
  return true;
}

/**
 * The threshold by which a span was kept upstream, or another field; nothing where that is not
 * known, or where a sampler of the application's has answered with what is no list.
 */
export function thresholdIn(
  state: TraceState | undefined,
  field: RegExp = THRESHOLD,
): string | undefined {
  return state && field.exec(state.get?.(MEMBER) ?? "")?.[1];
}

/** The list with another threshold, or with none, which says that the ratio is not known. */
export function withThreshold(state: TraceState | undefined, threshold?: string): TraceState {
  const rv = thresholdIn(state, RANDOMNESS);
  const fields = (state?.get(MEMBER) ?? "").split(";").filter((field) => FIELD.test(field));
  if (rv) fields.unshift(`rv:${rv}`);
  if (threshold) fields.unshift(`th:${threshold}`);
  // Where the value would be too long, others go before the randomness.
  while (fields.join(";").length > MAX_VALUE) fields.pop();
  const list = state ?? traceStateOf([]);
  return fields.length > 0 ? list.set(MEMBER, fields.join(";")) : list.unset(MEMBER);
}

/** Drops a span; the threshold of one that was kept upstream would be untrue from here on. */
export function drop(state: TraceState | undefined): SamplingResult {
  return thresholdIn(state) ? { ...DROP, traceState: withThreshold(state) } : DROP;
}

/** Keeps a span by a threshold, or by what has none to tell. */
export function keep(state: TraceState | undefined, threshold?: string): SamplingResult {
  if (!threshold && !thresholdIn(state)) return KEEP;
  return { ...KEEP, traceState: withThreshold(state, threshold) };
}

/**
 * The decision that was made before: always that of a parent in the same invocation, and where
 * `parentBased` also that of the caller. A caller's threshold that its own randomness does not
 * reach is untrue.
 */
export function followed(context: Context, parentBased: boolean): SamplingResult | undefined {
  const parent = validSpanContext(context);
  if (!parent || (parent.isRemote && !parentBased)) return undefined;
  const { traceId, traceFlags, traceState, isRemote } = parent;
  if (!isRemote) return traceFlags & SAMPLED_FLAG ? KEEP : DROP;
  if (!(traceFlags & SAMPLED_FLAG)) return drop(traceState);
  const threshold = thresholdIn(traceState);
  return threshold && !reaches(threshold, traceId, traceState) ? keep(traceState) : KEEP;
}
