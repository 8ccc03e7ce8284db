/** `instrumentEntrypoint()`: the handlers and RPC methods of a `WorkerEntrypoint`. */
import { CLOUDFLARE_ENTRYPOINT } from "../../trace/semconv.js";
import type { WorkerOptions } from "./create-runtimes.js";
import {
  type ClassKind,
  type EntrypointClass,
  type EnvOfClass,
  traceClass,
} from "./trace-class.js";
import { TRIGGERS } from "./triggers/triggers.js";

const ENTRYPOINT: ClassKind = {
  caller: "instrumentEntrypoint",
  handlers: {
    ...Object.fromEntries(
      Object.entries(TRIGGERS).map(([name, trigger]) => [
        name,
        ({ args: [event] }) => ({ trigger, event }),
      ]),
    ),
    connect: undefined,
    dup: undefined,
    tailStream: undefined,
    test: undefined,
    trace: undefined,
  },
  attributesOf(className) {
    return { [CLOUDFLARE_ENTRYPOINT]: className };
  },
};

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
  return traceClass(Class, options, ENTRYPOINT);
}
