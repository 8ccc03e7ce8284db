/**
 * What transports carry context in, each as something with `get`, `set`, `delete` and `keys`.
 * Names are looked up without regard to case, and what is set replaces what differs in case only.
 */

import type { TextCarrier } from "./inject.js";

interface Format {
  /** The text of a field, or undefined where it has none. */
  readonly read: (value: unknown) => string | undefined;
  readonly write: (text: string) => unknown;
  /** The most fields that the transport takes. */
  readonly most?: number;
}

/** A record of fields as a carrier. */
function carrierOf(record: object, { read, write, most = Infinity }: Format): TextCarrier {
  const fields = record as Record<string, unknown>;
  const keyOf = (name: string): string | undefined =>
    Object.hasOwn(fields, name)
      ? name
      : Object.keys(fields).find((key) => key.toLowerCase() === name.toLowerCase());
  return {
    get(name) {
      const key = keyOf(name);
      return key === undefined ? undefined : read(fields[key]);
    },
    set(name, value) {
      this.delete(name);
      if (Object.keys(fields).length < most) fields[name] = write(value);
    },
    delete(name) {
      const lower = name.toLowerCase();
      for (const key of Object.keys(fields)) if (key.toLowerCase() === lower) delete fields[key];
    },
    keys() {
      return Object.keys(fields);
    },
  };
}

const asText = (text: string): string => text;

/** A plain object of texts, or the headers of Node's `http` (`IncomingHttpHeaders`, `OutgoingHttpHeaders`). */
export function nodeHeaders(headers: object): TextCarrier {
  return carrierOf(headers, { read: textOf, write: asText });
}

/**
 * The message attributes of SQS and SNS: to be sent (`{ DataType, StringValue }`), and as events
 * of Lambda have them (`{ dataType, stringValue }`, and `{ Type, Value }` of SNS). SQS takes ten
 * attributes, so that none is added to as many.
 */
export function messageAttributes(attributes: object): TextCarrier {
  return carrierOf(attributes, {
    read(value) {
      const { StringValue, stringValue, Value } = (value ?? {}) as Record<string, unknown>;
      return textOf(StringValue ?? stringValue ?? Value);
    },
    write: (text) => ({ DataType: "String", StringValue: text }),
    most: 10,
  });
}

/** The `headers` or application properties of an AMQP message: texts, which some clients read as bytes. */
export function amqpHeaders(headers: object): TextCarrier {
  return carrierOf(headers, { read: textOf, write: asText });
}

/**
 * The headers of a Kafka record, which are bytes: a record of them, as `kafkajs` and its kin have,
 * or a list of such, as events of Lambda have, whose bytes are lists of numbers.
 */
export function kafkaHeaders(headers: object): TextCarrier {
  const format: Format = { read: textOf, write: bytesOf };
  if (!Array.isArray(headers)) return carrierOf(headers, format);
  const list = headers as Record<string, unknown>[];
  const all = {};
  // One by one: a record may have more headers than a call takes arguments.
  for (const one of list) Object.assign(all, one);
  const merged = carrierOf(all, format);
  return {
    ...merged,
    set(name, value) {
      this.delete(name);
      list.push({ [name]: bytesOf(value) });
      merged.set(name, value);
    },
    delete(name) {
      for (let at = list.length - 1; at >= 0; at--) {
        const one = list[at] ?? {};
        carrierOf(one, format).delete(name);
        // Clients take each object's first member for a header, whether it has one or not.
        if (Object.keys(one).length === 0) list.splice(at, 1);
      }
      merged.delete(name);
    },
  };
}

/** Bytes as Kafka's clients for Node want them, where Node's `Buffer` is known. */
function bytesOf(text: string): Uint8Array {
  return globalThis.Buffer?.from(text) ?? new TextEncoder().encode(text);
}

/** The text of a value that is one, or bytes, or a list of several. */
function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (!Array.isArray(value) || value.length === 0) return undefined;
  if (value.every((one) => typeof one === "number")) return textOf(Uint8Array.from(value));
  const texts = value.map(textOf).filter((one) => one !== undefined);
  return texts.length > 0 ? texts.join(",") : undefined;
}
