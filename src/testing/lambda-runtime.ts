/// <reference lib="esnext.disposable" preserve="true" />
import { type FunctionUrl, serveFunctionUrl } from "./lambda/function-url.js";
import { createInvocation, type InvokeOptions } from "./lambda/invocation.js";
import { type Environment, Lifecycle } from "./lambda/lifecycle.js";
import { ManagedInstance } from "./lambda/managed-instance.js";
import type { LambdaOutcome } from "./lambda/outcome.js";
import { startSandbox } from "./lambda/sandbox.js";
import { sandboxEnvironment } from "./lambda/sandbox-environment.js";
import { type LambdaOptions, type LambdaSettings, resolveSettings } from "./lambda/settings.js";

/**
 * Lambda on this machine: a Runtime API on loopback, a Node process as the sandbox, and the
 * invocations between them. Node built-ins are reached only inside functions, so that a module
 * which imports this one still loads where there is no Node.
 */

export type { FunctionUrl } from "./lambda/function-url.js";
export type { InvokeOptions } from "./lambda/invocation.js";
export type { LambdaError, LambdaOutcome } from "./lambda/outcome.js";
export type { LambdaOptions } from "./lambda/settings.js";

/** A function that can be invoked. */
export interface LocalLambda {
  /** Runs one event to its response. Invocations queue: a sandbox takes one at a time. */
  invoke(event?: unknown, options?: InvokeOptions): Promise<LambdaOutcome>;
  /**
   * Resolves when nothing goes on any more after the responses: the sandbox waits for its next
   * event, frozen as on Lambda.
   */
  idle(): Promise<void>;
  /** Opens a Function URL on loopback, on a free port unless one is given. */
  listen(port?: number): Promise<FunctionUrl>;
  /** What the sandboxes have written so far, stdout and stderr together. */
  output(): string;
  /**
   * Ends the sandbox and closes the Function URLs. As on Lambda, only a sandbox with an extension
   * gets a SIGTERM, and has 500 ms from then on.
   */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Prepares a function to be invoked as on Lambda. The sandbox starts with the first invocation,
 * which is therefore a cold start; a failing init is that invocation's outcome.
 *
 * @throws when an option is wrong, naming the option and its fix.
 * @example
 * await using lambda = await startLambda({ handler: "index.handler", taskRoot: "dist" });
 * const outcome = await lambda.invoke({ name: "Ada" });
 */
export async function startLambda(options: LambdaOptions): Promise<LocalLambda> {
  const settings = await resolveSettings(options, builtInClient());
  const { functionName, region } = settings.identity;
  const functionArn = `arn:aws:lambda:${region}:123456789012:function:${functionName}`;
  let output = "";
  const write = (text: string): void => void (output += text);
  const environment = environmentOf(settings, write);
  const urls: FunctionUrl[] = [];

  const invoke = async (event?: unknown, own: InvokeOptions = {}): Promise<LambdaOutcome> =>
    environment.run(createInvocation(event, own, { functionArn, timeoutMs: settings.timeoutMs }));
  const close = async (): Promise<void> => {
    await environment.stop();
    await Promise.all(urls.map((url) => url.close()));
  };
  return {
    invoke,
    idle: () => environment.idle(),
    async listen(port = 0) {
      const url = await serveFunctionUrl(invoke, { region, port });
      urls.push(url);
      return url;
    },
    output: () => output,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function environmentOf(settings: LambdaSettings, write: (text: string) => void): Environment {
  const start = (): ReturnType<typeof startSandbox> => startSandboxOf(settings, write);
  const { maxConcurrency } = settings.identity;
  return maxConcurrency === undefined
    ? new Lifecycle(start, write)
    : new ManagedInstance(start, write, maxConcurrency);
}

function startSandboxOf(
  { identity, env, nodePath, args }: LambdaSettings,
  write: (text: string) => void,
): ReturnType<typeof startSandbox> {
  return startSandbox({
    nodePath,
    args,
    taskRoot: identity.taskRoot,
    concurrent: identity.maxConcurrency !== undefined,
    environment: (runtimeApi) => sandboxEnvironment(identity, runtimeApi, env),
    write,
  });
}

/** Path of the built-in runtime client, which lies beside this file as source and when built. */
function builtInClient(): string {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const file = new URL(`lambda/bootstrap.${extension}`, import.meta.url);
  return process.getBuiltinModule("node:url").fileURLToPath(file);
}
