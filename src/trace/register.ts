/** Registers this package behind `@opentelemetry/api`, once per isolate or process. */
import { type TextMapPropagator, trace } from "@opentelemetry/api";
import { activeFrame, contextManager } from "./active.js";
import { API, type ApiHolder } from "./api-global.js";
import { tracerProvider } from "./tracer.js";
import { warn } from "./report.js";

let registered = false;

/** The propagator of the running invocation; outside of any it carries nothing. */
const activePropagator: TextMapPropagator<unknown> = {
  inject(active, carrier, setter) {
    activeFrame()?.scope?.tracing.propagator.inject(active, carrier, setter);
  },
  extract(active, carrier, getter) {
    return activeFrame()?.scope?.tracing.propagator.extract(active, carrier, getter) ?? active;
  },
  fields() {
    return activeFrame()?.scope?.tracing.propagator.fields() ?? [];
  },
};

/**
 * Makes `trace.getTracer()`, `context.active()` and `propagation.inject()` of the
 * application's own `@opentelemetry/api` use this package. Where another tracing
 * library registered before, it keeps its place and one warning says so.
 */
export function registerApi(): void {
  if (registered) return;
  registered = true;
  const first = trace.setGlobalTracerProvider(tracerProvider);
  const api = (globalThis as ApiHolder)[API];
  if (api) {
    api.context ??= contextManager;
    api.propagation ??= activePropagator;
  }
  if (!first)
    warn(
      "edgespan: another tracer provider, or copy of edgespan, was registered first; remove it, or use span() of edgespan",
    );
}
