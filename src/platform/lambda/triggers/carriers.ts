/** Where an event carries context: objects of strings, and strings as bytes. */
import type { Carrier } from "../../../trace/trigger.js";

/** No header that a propagator reads is longer. */
const MAX_BYTES = 8192;

type Fields = Readonly<Record<string, unknown>>;

/** The first of what should be an array; one that is hostile may have four thousand million. */
export function bounded<T>(values: readonly T[]): T[] {
  return values.slice(0, 256);
}

/** The fields of an object as a carrier; nothing of it is read until a propagator asks. */
export function carrierOf(
  fields: unknown,
  read: (field: unknown) => unknown = (field) => field,
): Carrier | undefined {
  if (typeof fields !== "object" || !fields) return undefined;
  return {
    get(name) {
      const value = Object.hasOwn(fields, name) ? read((fields as Fields)[name]) : undefined;
      return typeof value === "string" ? value : undefined;
    },
    keys: () => Object.keys(fields),
  };
}

/**
 * Context within a payload: beside its own members or, where Datadog's libraries wrote it,
 * under `_datadog`.
 */
export function carrierWithin(payload: unknown): Carrier | undefined {
  const { traceparent, _datadog } = (payload ?? {}) as Fields;
  return carrierOf(traceparent ? payload : _datadog);
}

/** A string as Kafka and RabbitMQ hand it over: the numbers of its bytes. */
export function textOfBytes(bytes: unknown): unknown {
  return Array.isArray(bytes) ? String.fromCharCode(...bytes.slice(0, MAX_BYTES)) : bytes;
}
