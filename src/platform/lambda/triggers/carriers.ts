/** Where an event carries context: objects of strings, and strings as bytes. */
import type { Carrier } from "../../../trace/trigger.js";

/** One more than a propagator reads of any header, so that it sees that there is more. */
const MAX_BYTES = 8193;

type Fields = Readonly<Record<string, unknown>>;

/** The first of what should be an array; one that is hostile may have four thousand million. */
export function bounded<T>(values: readonly T[]): T[] {
  return values.slice(0, 256);
}

/**
 * The fields of an object as a carrier; nothing of it is read until a propagator asks. Names are
 * looked up without regard to case, as HTTP demands and API Gateway v1 does not.
 */
export function carrierOf(
  fields: unknown,
  read: (field: unknown) => unknown = (field) => field,
): Carrier | undefined {
  if (typeof fields !== "object" || !fields) return undefined;
  return {
    get(name) {
      for (const field in fields)
        if (field.length === name.length && field.toLowerCase() === name.toLowerCase()) {
          const value = read((fields as Fields)[field]);
          if (typeof value === "string") return value;
        }
      return undefined;
    },
    keys: () => Object.keys(fields).map((name) => name.toLowerCase()),
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
