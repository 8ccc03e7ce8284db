/**
 * The map: one invocation in seven steps. Each step lives in the folder of its name;
 * this file only says what happens when.
 */
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  type TextMapPropagator,
  trace,
} from "@opentelemetry/api";
import type { Config } from "./config/resolve.js";
import type { Options } from "./config/options.js";
import type { Outlets } from "./export/attempt.js";
import { createDestinations } from "./export/destinations.js";
import type { AfterResponse, Flush, FlushOptions } from "./flush/flush.js";
import { extractContext } from "./propagate/extract.js";
import { runInFrame } from "./trace/active.js";
import { takeColdStart } from "./trace/cold-start.js";
import { contextWith } from "./trace/context.js";
import { attempt, harmlessProcessors, harmlessSampler } from "./trace/harmless.js";
import { randomIds } from "./trace/ids.js";
import { type Report, createLog, printable } from "./trace/report.js";
import { createResource } from "./trace/resource.js";
import { type Frame, Scope } from "./trace/scope.js";
import { endWith } from "./trace/settle.js";
import { startRoot } from "./trace/start-span.js";
import type { Tracing } from "./trace/tracing.js";
import type { Carrier, RootSpan, Trigger } from "./trace/trigger.js";

/** What a platform gives the runtime once. */
export interface Platform {
  readonly resource: Attributes;
  readonly outlets: Outlets;
  readonly createFlush: (options: FlushOptions) => Flush;
}

/** What a platform gives the runtime for each invocation. */
export interface Invocation<Event> {
  readonly trigger: Trigger<Event>;
  readonly event: Event;
  /** Root span attributes that the platform knows whatever the trigger. */
  readonly attributes?: Attributes;
  readonly after: AfterResponse;
  /** The context of a caller that the trigger's carrier does not hold; default that of a new trace. */
  within?(propagator: TextMapPropagator<Carrier>): Context;
}

export interface Runtime {
  readonly tracing: Tracing;
  /** Runs `handler` as one traced invocation; its result and errors stay what they are. */
  invoke<E, R>(invocation: Invocation<E>, handler: () => R): R;
}

export function createRuntime(config: Config, options: Options, platform: Platform): Runtime {
  const { now } = Date;
  const log = createLog(now, config.logLevel);
  const { report } = log;
  const tracing = createTracing(config, options, platform, report);
  const shared = { ...config.flush, ...log, processors: options.spanProcessors ?? [], now };
  const sinks = createDestinations(config.exporters, { ...shared, outlets: platform.outlets }); // 6 encode, 7 send
  const flush = platform.createFlush({ ...shared, sinks }); // 5 flush decision

  return {
    tracing,
    invoke(invocation, handler) {
      let begun: Begun;
      try {
        begun = begin(tracing, invocation); // 1 propagate in, 2 root span, 3 sample
      } catch (error) {
        report(`an invocation is not traced: ${printable(error)}`);
        return handler();
      }
      const { root, frame, scope } = begun;
      const { trigger, after } = invocation;
      if (!root.isRecording()) {
        flush.late(scope, after);
        return runInFrame(frame, handler);
      }
      flush.begun?.(scope, after);
      if (trigger.leavesEarly) flush.late(scope, after);
      const ending = {
        onResult(span: Span, value: unknown) {
          trigger.result?.(span, value);
          tracing.capture?.answered(span, value);
          trigger.settled?.(span, invocation.event, false);
        },
        onFailure(span: Span) {
          trigger.settled?.(span, invocation.event, true);
        },
        outlast(value: unknown) {
          const later = config.tracesStreams && runInFrame(frame, () => trigger.outlast?.(value));
          if (!later) return undefined;
          // Nothing that has ended waits for the end of a stream.
          flush.late(scope, after);
          scope.onLate?.();
          return later;
        },
        onEnd() {
          scope.root = undefined;
          flush.afterResponse?.(scope, after);
        },
      };
      const result = endWith(root, ending, () => runInFrame(frame, handler)); // 4 run the handler
      return flush.withResponse ? flush.withResponse(scope, after, result) : result;
    },
  };
}

function createTracing(
  config: Config,
  {
    capture,
    clock,
    ids = randomIds,
    instrument,
    redact,
    sampling,
    spanProcessors = [],
    trust = "all",
  }: Options,
  platform: Platform,
  report: Report,
): Tracing {
  return {
    ...config,
    resource: createResource({ ...platform.resource, ...config.resource }),
    sampler: sampling?.head ? harmlessSampler(sampling.head, report) : config.sampler,
    processors: harmlessProcessors(spanProcessors, report),
    tail: sampling?.tail,
    redact:
      redact &&
      ((span) => attempt("redact", () => (redact(span) as unknown) ?? true, report) !== undefined),
    trusts: (event) =>
      typeof trust === "function"
        ? attempt("trust", () => trust(event), report) === true
        : trust === "all",
    capture,
    ids,
    clock,
    webSockets: instrument?.websockets,
  };
}

interface Begun {
  root: Span;
  frame: Frame;
  scope: Scope;
}

function begin<E>(tracing: Tracing, invocation: Invocation<E>): Begun {
  const { trigger, event, attributes } = invocation;
  const propagator = tracing.propagator as TextMapPropagator<Carrier>;
  const carrier = trigger.carrier(event);
  let parent = extractContext(propagator, carrier, invocation.within?.(propagator));
  const scope = new Scope(tracing);
  const isColdStart = takeColdStart();
  let distrusted: SpanContext | undefined;
  if (parent !== ROOT_CONTEXT && !trigger.isOwnContext && !tracing.trusts(event)) {
    distrusted = trace.getSpanContext(parent);
    parent = ROOT_CONTEXT;
  }
  const read = (): RootSpan => {
    const start = trigger.root(event, (other) =>
      trace.getSpanContext(extractContext(propagator, other)),
    );
    if (distrusted) {
      // Of the caller's `tracestate`, which anybody may write, nothing is kept.
      const context = { ...distrusted, traceState: undefined } as unknown as SpanContext;
      // Who sent the only record of a batch has a link already; those of several stay.
      const links = (start.links ??= []);
      const [first] = links;
      if (first?.context.spanId === context.spanId) first.context = context;
      else links.push({ context });
    }
    Object.assign(start.attributes, attributes, { "faas.coldstart": isColdStart });
    return start;
  };
  const root = startRoot(scope, read, parent, trigger.traceId?.(event));
  scope.root = root;
  if (root.isRecording()) {
    trigger.recorded?.(root, event);
    tracing.tail?.follow(scope);
    tracing.capture?.received(root, event, carrier);
  }
  return { root, scope, frame: { context: contextWith(parent, root), scope } };
}
