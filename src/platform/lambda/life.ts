/**
 * The life of a process that Lambda runs, and of each invocation in it: until when it may work,
 * who sees to what is left after the response, and what is told of its beginning and its time-out.
 */
import type { FlushOptions } from "../../config/options.js";
import type { AfterResponse } from "../../flush/flush.js";
import { quietly } from "../../trace/quietly.js";
import type { Trigger } from "../../trace/trigger.js";
import { type LambdaContext, remainingMsOf } from "./context.js";
import { createBatchTimer } from "./batch-timer.js";
import { type Keeper, joinExtension } from "./extension.js";
import { watchInit } from "./init.js";
import { rescue } from "./rescue.js";
import type { Drain } from "./termination.js";

/** One invocation. */
export interface Life extends AfterResponse {
  /** Sees the running handler to its end, which is what it answers. */
  watch(running: Promise<unknown>, trigger: Trigger<unknown>): Promise<unknown>;
}

export interface Lives {
  /** @param isAwaited whether the runtime client waits for the handler's promise, told once it has run */
  begin(context: LambdaContext, isAwaited: () => boolean): Life;
}

type Arm = (running: Promise<unknown>, trigger: Trigger<unknown>) => (() => void) | undefined;

/** Left to the runtime client for posting the response, and to Lambda for the rest. */
const MARGIN_MS = 100;
/** What a flush may take where the time that remains is unknown. */
const UNKNOWN_MS = 5_000;
/** What work on Managed Instances may take, where the process goes on. */
const BACKGROUND_MS = 30_000;
const BEFORE_TIMEOUT_MS = 500;

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
export function createLives(
  env: Record<string, string | undefined>,
  { when, beforeTimeoutMs = BEFORE_TIMEOUT_MS, windowMs = 0 }: FlushOptions,
  drain: Drain,
): Lives {
  const type = env.AWS_LAMBDA_INITIALIZATION_TYPE;
  const isManaged = type === "lambda-managed-instances";
  const api = env.AWS_LAMBDA_RUNTIME_API;
  const keeper = when === "beforeResponse" ? undefined : quietly(chooseKeeper);
  const init = watchInit(type);

  function chooseKeeper(): Keeper | undefined {
    if (isManaged) return createBatchTimer(windowMs);
    // What was registered before a snapshot is unknown to the sandboxes that are restored from it.
    return api && type !== "snap-start" ? joinExtension(api, drain) : undefined;
  }

  return {
    begin(context, isAwaited) {
      init.over();
      const id = quietly(() => context?.awsRequestId);
      let arm: Arm | undefined;
      return {
        remainingMs: () =>
          isManaged && keeper
            ? BACKGROUND_MS
            : Math.max(0, (remainingMsOf(context) ?? UNKNOWN_MS) - MARGIN_MS),
        // The runtime client holds what a callback gave it until the event loop is empty, which it
        // would not be while spans are sent.
        leave: (send) => isAwaited() && keeper?.leave(id, send),
        begun(scope, send) {
          init.tell(scope);
          arm = (running, trigger) =>
            rescue({ context, trigger, scope, send, beforeTimeoutMs, running });
        },
        watch(running, trigger) {
          const disarm = arm?.(running, trigger);
          const release = keeper?.begin(id);
          const over = (): void => {
            process.off("beforeExit", over);
            disarm?.();
            release?.();
          };
          running.then(over, over);
          // Where nothing is left to wait for, Node 22's runtime client answers for the handler.
          if (api && !isManaged) process.on("beforeExit", over);
          return running;
        },
      };
    },
  };
}
