/** A rule of the tail sampler: what it asks of the spans of a trace. */
import type { HrTime } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { STATUS_ERROR } from "../trace/enums.js";
import { quietly } from "../trace/quietly.js";
import { type Conditions, compile } from "./conditions.js";
import { thresholdOf } from "./consistent.js";

/**
 * All that is set must be true: `trigger`, `route`, `method` and `service` of the root span of
 * the invocation, `attributes` of any one span.
 */
export interface TailRule extends Conditions {
  /** Some span has the status of an error. */
  errors?: true;
  /**
   * From its first start to its last end the trace took longer than this in this invocation: work
   * after the response counts, and on Lambda a cold start. Milliseconds.
   */
  slowerThanMs?: number;
  /** The share that is kept of all traces which match. Default 1. */
  ratio?: number;
  /** What `explain` calls the rule. Default the names of its conditions, or `rest`. */
  name?: string;
}

export interface PreparedRule {
  readonly name: string;
  readonly ratio: number;
  readonly threshold: string;
  matches(spans: readonly ReadableSpan[], root: Partial<ReadableSpan> | undefined): boolean;
}

export function prepare(rule: TailRule): PreparedRule {
  const { ratio = 1, name, errors, slowerThanMs, ...conditions } = rule;
  const { ratio: _ratio, name: _name, ...asked } = rule;
  const when = compile(conditions);
  return {
    name: name ?? (Object.keys(asked).join() || "rest"),
    ratio,
    threshold: thresholdOf(ratio),
    matches(spans, { attributes = {}, resource } = {}) {
      // A condition of the application's that throws is not met.
      return (
        quietly(
          () =>
            when.root(attributes, resource?.attributes) &&
            spans.some((span) => when.attributes(span.attributes)) &&
            (!errors || spans.some(({ status }) => status.code === STATUS_ERROR)) &&
            (slowerThanMs === undefined || took(spans) > slowerThanMs),
        ) ?? false
      );
    },
  };
}

/** Whether the span has no parent in this invocation. */
export function isTop({ parentSpanContext }: ReadableSpan): boolean {
  return !parentSpanContext || parentSpanContext.isRemote === true;
}

/** What goes on after the response counts as well, as it does where a Collector samples by latency. */
function took(spans: readonly ReadableSpan[]): number {
  const ends = spans.map(({ endTime }) => toMs(endTime));
  return Math.max(...ends) - Math.min(...spans.map(({ startTime }) => toMs(startTime)));
}

function toMs([seconds, nanos]: HrTime): number {
  return seconds * 1_000 + nanos / 1e6;
}
