/** The tail sampler: what happened decides, when an invocation is over, which traces are kept. */
import type { SpanContext } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { counters } from "../trace/stats.js";
import type { TailSampler } from "../trace/tracing.js";
import { reaches, thresholdIn, withThreshold } from "./consistent.js";
import { type PreparedRule, type TailRule, isTop, prepare } from "./tail-rule.js";

export interface TailOptions {
  /**
   * Tells on the root span by which rule it was kept (`edgespan.tail.rule`), and at which ratio
   * (`edgespan.tail.ratio`). Default `false`.
   */
  explain?: boolean;
}

/**
 * Keeps traces by the first rule that matches when their invocation is over; where none
 * matches, all. A ratio picks by the trace id, as `probability` does, so that services with the
 * same ratio keep the same traces, and a ratio above that of the head changes nothing.
 * Downstream services were told long before that the trace is sampled: they keep their part,
 * unless a tail sampler of theirs drops it.
 *
 * @example
 * ```ts
 * tail([{ errors: true }, { slowerThanMs: 1_000 }, { trigger: "pubsub", ratio: 0.5 }, { ratio: 0.05 }]);
 * ```
 * @throws RangeError where a `ratio` is not from 0 to 1
 */
export function tail(
  list: readonly TailRule[],
  { explain = false }: TailOptions = {},
): TailSampler {
  const rules = [...list, {}].map(prepare);
  return {
    follow(invocation) {
      const take = invocation.take.bind(invocation);
      let root = invocation.root as unknown as ReadableSpan | undefined;
      // An invocation may hold spans of several traces, e.g. one for each message.
      const decisions = new Map<string, Decision>();
      let held: ReadableSpan[] = [];
      invocation.take = () => {
        const spans = [...held, ...take()];
        const isWhole = !root || root.ended;
        const isOver = isWhole || isTooMuch(spans);
        const kept: ReadableSpan[] = [];
        held = [];
        for (const [traceId, trace] of Map.groupBy(spans, traceIdOf)) {
          const decision = decisions.get(traceId) ?? decide(trace, root, rules, isWhole);
          if (decision.isKept || isOver) decisions.set(traceId, decision);
          if (decision.isKept) for (const span of trace) kept.push(tell(span, decision, explain));
          else if (isOver || decisions.has(traceId))
            counters.sampledOut = (counters.sampledOut ?? 0) + trace.length;
          else held = held.concat(trace);
        }
        if (isWhole) root = undefined;
        return kept;
      };
    },
  };
}

interface Decision {
  readonly rule: PreparedRule;
  readonly isKept: boolean;
  /** Whether the rule has seen the whole trace: only then its ratio is the trace's. */
  readonly isWhole: boolean;
}

/**
 * Before the invocation is over a trace may be kept, for spans that leave early, but not
 * dropped, save where too much is held.
 */
function decide(
  spans: readonly ReadableSpan[],
  root: ReadableSpan | undefined,
  rules: readonly PreparedRule[],
  isWhole: boolean,
): Decision {
  const { traceId, traceState } = (spans[0] as ReadableSpan).spanContext();
  const rule = rules.find((one) => one.matches(spans, root)) as PreparedRule;
  return { rule, isKept: reaches(rule.threshold, traceId, traceState), isWhole };
}

function traceIdOf(span: ReadableSpan): string {
  return span.spanContext().traceId;
}

/** The defaults of `limits`, for what is held until a long invocation is over. */
function isTooMuch(spans: readonly ReadableSpan[]): boolean {
  let bytes = 0;
  for (const span of spans) bytes += (span as { bytes?: number }).bytes ?? 0;
  return spans.length > 1_000 || bytes > 2_000_000;
}

function tell(span: ReadableSpan, { rule, isWhole }: Decision, explain: boolean): ReadableSpan {
  tellThreshold(span.spanContext(), rule.threshold, isWhole);
  if (explain && isTop(span))
    Object.assign(span.attributes, {
      "edgespan.tail.rule": rule.name,
      "edgespan.tail.ratio": rule.ratio,
    });
  return span;
}

/**
 * Head and tail look at the same randomness, so that the higher of both thresholds holds.
 * Where the head's is not known, neither is the ratio of both.
 */
function tellThreshold(context: SpanContext, threshold: string, isKnown: boolean): void {
  const head = thresholdIn(context.traceState);
  if (head !== undefined && threshold > head)
    context.traceState = withThreshold(context.traceState, isKnown ? threshold : undefined);
}
