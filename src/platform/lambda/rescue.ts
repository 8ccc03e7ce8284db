/**
 * The rescue before a time-out. Lambda kills a process at the deadline of its invocation, so that
 * shortly before it all open spans are ended and sent, as errors. What was sent cannot be amended:
 * if the handler goes on and is done in time after all, a further span tells so, which begins
 * where the others were cut and has the outcome; nothing is sent twice.
 */
import { ROOT_CONTEXT, type Span } from "@opentelemetry/api";
import { untraced } from "../../trace/active.js";
import { contextWith } from "../../trace/context.js";
import { STATUS_ERROR } from "../../trace/enums.js";
import type { Scope } from "../../trace/scope.js";
import { endWith } from "../../trace/settle.js";
import { OWN, startSpan } from "../../trace/start-span.js";
import { counters } from "../../trace/stats.js";
import type { Trigger } from "../../trace/trigger.js";
import { type LambdaContext, remainingMsOf } from "./context.js";

interface Rescue {
  context: LambdaContext;
  trigger: Trigger<unknown>;
  scope: Scope;
  send: (budgetMs: number) => Promise<unknown>;
  beforeTimeoutMs: number;
  running: Promise<unknown>;
}

/** Node takes a timer of more than 2^31 ms for one of 1 ms, and the context of a test may tell of any time. */
const LONGEST_MS = 1_000_000_000;

/** Arms the rescue of an invocation that has begun, and answers what disarms it. */
export function rescue(invocation: Rescue): (() => void) | undefined {
  const { context, beforeTimeoutMs } = invocation;
  const remainingMs = remainingMsOf(context) ?? 0;
  const beforeMs = Math.min(beforeTimeoutMs, remainingMs / 4);
  if (beforeMs <= 0) return undefined;
  const waitMs = Math.min(remainingMs - beforeMs, LONGEST_MS);
  const timer = setTimeout(() => untraced(() => cutShort(invocation)), waitMs);
  timer.unref();
  return () => clearTimeout(timer);
}

function cutShort({ context, trigger, scope, send, running }: Rescue): void {
  counters.truncated += scope.truncate(fail);
  const { root } = scope;
  if (root) {
    const rest = startSpan(scope, OWN, "continued", {}, contextWith(ROOT_CONTEXT, root));
    const ending = { onResult: trigger.result };
    endWith(rest, ending, () => running).catch(() => undefined);
  }
  void send(remainingMsOf(context) ?? 0).catch(() => undefined);
}

function fail(span: Span): void {
  span.setAttribute("error.type", "timeout");
  span.setStatus({ code: STATUS_ERROR, message: "about to time out" });
}
