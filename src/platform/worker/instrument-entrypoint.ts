/** `instrumentEntrypoint()`: the handlers and RPC methods of a `WorkerEntrypoint`. */
import type { WorkerOptions } from "./create-runtimes.js";
import { type EntrypointClass, type EnvOfClass, traceClass } from "./trace-class.js";
import { rpcTrigger } from "./triggers/rpc.js";
import { TRIGGERS } from "./triggers/triggers.js";

/**
 * Instruments a class that extends `WorkerEntrypoint`, be it the default export or a named one:
 * each call of a handler or an RPC method becomes a trace, or continues its caller's.
 *
 * @param Class the class; what is answered inherits from it and is to be exported in its place
 * @param options options, or a function of `env` that returns them; default all from `OTEL_*` variables in `env`
 * @throws ConfigError at the first call, where wrong configuration is met outside of production
 */
export function instrumentEntrypoint<Class extends EntrypointClass>(
  Class: Class,
  options?: WorkerOptions<EnvOfClass<Class>>,
): Class {
  return traceClass(
    Class,
    options,
    (className, method, args) => {
      const trigger = Object.hasOwn(TRIGGERS, method) && TRIGGERS[method];
      if (trigger) return { trigger, event: args[0] };
      return { trigger: rpcTrigger, event: { className, method } };
    },
    "instrumentEntrypoint",
  );
}
