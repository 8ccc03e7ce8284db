/**
 * The map: one invocation in seven steps. Each step lives in the folder of its name;
 * this file only says what happens when.
 */
import { type Attributes, type Span, type TextMapPropagator, trace } from "@opentelemetry/api";
import type { Config } from "./config/resolve.js";
import type { Options } from "./config/options.js";
import { type Transport, createExporter } from "./exporter.js";
import { type AfterResponse, createFlush } from "./flush/flush.js";
import { extractContext } from "./propagate/extract.js";
import { runInFrame } from "./trace/active.js";
import { takeColdStart } from "./trace/cold-start.js";
import { recordFailure } from "./trace/failure.js";
import { harmlessProcessor, harmlessSampler } from "./trace/harmless.js";
import { randomIds } from "./trace/ids.js";
import { quietly } from "./trace/quietly.js";
import { type Report, createReport, printable } from "./trace/report.js";
import { createResource } from "./trace/resource.js";
import { type Frame, Scope } from "./trace/scope.js";
import { FAAS_COLDSTART } from "./trace/semconv.js";
import { observe } from "./trace/settle.js";
import { OWN, startSpan } from "./trace/start-span.js";
import type { Tracing } from "./trace/tracing.js";
import type { Carrier, Trigger } from "./trace/trigger.js";

/** What a platform gives the runtime once. */
export interface Platform {
  readonly resource: Attributes;
  readonly transport: Transport;
}

/** What a platform gives the runtime for each invocation. */
export interface Invocation<Event> {
  readonly trigger: Trigger<Event>;
  readonly event: Event;
  /** Root span attributes that the platform knows whatever the trigger. */
  readonly attributes?: Attributes;
  readonly after: AfterResponse;
}

export interface Runtime {
  /** Runs `handler` as one traced invocation; its result and errors stay what they are. */
  invoke<E, R>(invocation: Invocation<E>, handler: () => R): R;
}

export function createRuntime(config: Config, options: Options, platform: Platform): Runtime {
  const now = () => (options.clock ?? Date).now();
  const report = createReport(now);
  const tracing = createTracing(config, options, platform, report);
  const deliver = createExporter(config.exporter, platform.transport, report); // 6 encode, 7 send
  const { processors } = tracing;
  const flush = createFlush({ deliver, processors, now, report }); // 5 flush decision

  return {
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
      const run = () => runInFrame(frame, handler); // 4 run the handler
      if (!root.isRecording()) {
        flush.late(scope, after);
        return run();
      }
      const end = (): void => {
        root.end();
        if (after.waitUntil) flush.afterResponse(scope, after);
      };
      const result = observe(run, {
        returned(value) {
          quietly(() => trigger.result?.(root, value));
          end();
        },
        threw(error) {
          recordFailure(root, error);
          end();
        },
      });
      return after.waitUntil ? result : flush.beforeResponse(scope, after, result);
    },
  };
}

function createTracing(
  { propagator, sampler, limits, propagateTo, tracesFetch, resource }: Config,
  { clock, ids = randomIds, spanProcessors = [] }: Options,
  platform: Platform,
  report: Report,
): Tracing {
  return {
    resource: createResource({ ...platform.resource, ...resource }),
    sampler: harmlessSampler(sampler, report),
    processors: spanProcessors.map((processor) => harmlessProcessor(processor, report)),
    limits,
    ids,
    clock,
    propagator,
    propagateTo,
    tracesFetch,
  };
}

interface Begun {
  root: Span;
  frame: Frame;
  scope: Scope;
}

function begin<E>(tracing: Tracing, { trigger, event, attributes }: Invocation<E>): Begun {
  const propagator = tracing.propagator as TextMapPropagator<Carrier>;
  const parent = extractContext(propagator, trigger.carrier(event));
  const scope = new Scope(tracing);
  const { name, ...start } = trigger.root(event);
  const coldStart = { [FAAS_COLDSTART]: takeColdStart() };
  const options = { ...start, attributes: { ...start.attributes, ...attributes, ...coldStart } };
  const root = startSpan(scope, OWN, name, options, parent);
  scope.root = root;
  return { root, scope, frame: { context: trace.setSpan(parent, root), scope } };
}
