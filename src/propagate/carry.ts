/** `inject()` and `extract()`, for those who carry context over a transport of their own. */
import { activeContext, activeFrame, frameWith, runInFrame } from "../trace/active.js";
import { quietly } from "../trace/quietly.js";
import { nodeHeaders } from "./carriers.js";
import { extractContext } from "./extract.js";
import { type TextCarrier, injectContext } from "./inject.js";

/**
 * Writes the active context into what a message or request carries, by the propagators of the
 * running invocation; outside of any it writes nothing. Never throws.
 *
 * @param carrier `Headers`, a plain object of texts, or what `messageAttributes`, `amqpHeaders`,
 *   `kafkaHeaders` or `nodeHeaders` make of a transport's own
 * @returns the carrier
 */
export function inject<C extends object>(carrier: C): C {
  const propagator = activeFrame()?.scope?.tracing.propagator;
  if (propagator) quietly(() => injectContext(propagator, activeContext(), textCarrier(carrier)));
  return carrier;
}

/**
 * Runs `run` in the context that was carried: spans that it starts continue that trace, with its
 * sampling decision and its baggage. Where nothing was carried, and outside of an instrumented
 * invocation, `run` runs as it is. What it returns or throws is returned or thrown unchanged.
 *
 * @param carrier as for `inject`; whoever filled it is trusted, whatever the option `trust` says
 */
export function extract<R>(carrier: object, run: () => R): R {
  const propagator = activeFrame()?.scope?.tracing.propagator;
  const active = activeContext();
  const context =
    propagator && quietly(() => extractContext(propagator, textCarrier(carrier), active));
  return !context || context === active ? run() : runInFrame(frameWith(context), run);
}

function textCarrier(carrier: object): TextCarrier {
  return typeof (carrier as Partial<TextCarrier>).get === "function"
    ? (carrier as TextCarrier)
    : nodeHeaders(carrier);
}
