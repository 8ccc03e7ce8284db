/** `instrumentDurableObject()`: requests, alarms and RPC methods of a Durable Object. */
import type { WorkerOptions } from "./create-runtimes.js";
import { type EntrypointClass, type EnvOfClass, traceClass } from "./trace-class.js";
import { alarmTrigger } from "./triggers/alarm.js";
import { fetchTrigger } from "./triggers/fetch.js";
import { rpcTrigger } from "./triggers/rpc.js";

/**
 * Instruments the class of a Durable Object: each request, alarm and call of an RPC method
 * becomes a trace, or continues its caller's.
 *
 * @param Class the class; what is answered inherits from it and is to be exported in its place
 * @param options options, or a function of `env` that returns them; default all from `OTEL_*` variables in `env`
 * @throws ConfigError at the first call, where wrong configuration is met outside of production
 */
export function instrumentDurableObject<Class extends EntrypointClass>(
  Class: Class,
  options?: WorkerOptions<EnvOfClass<Class>>,
): Class {
  return traceClass(
    Class,
    options,
    (className, method, args) => {
      if (method === "fetch") return { trigger: fetchTrigger, event: args[0] };
      if (method === "alarm") return { trigger: alarmTrigger, event: { className, info: args[0] } };
      return { trigger: rpcTrigger, event: { className, method } };
    },
    "instrumentDurableObject",
  );
}
