/**
 * The envelope in which context travels where a message is a body and nothing else:
 *
 *     { "traceparent": "00-…", "tracestate": "…", "baggage": "…", "edgespan": 1, "body": … }
 *
 * It is a plain object. `edgespan` is its version, `body` what was sent, and all else, at least
 * one member, is what the propagators wrote: strings under the names of their fields. Whoever
 * receives it without edgespan takes `body`, and may continue the trace of `traceparent`.
 */

/** What propagators wrote, by name. */
export type Fields = Record<string, string>;

export interface Opened {
  readonly fields: Fields;
  readonly body: unknown;
}

const VERSION = 1;

/** Puts a body and the context of the message into one object; what it is encoded by must keep objects. */
export function seal(fields: Fields, body: unknown): object {
  return { ...fields, edgespan: VERSION, body };
}

/** Opens what `seal` made; undefined for all else, also where it only looks alike. */
export function open(sealed: unknown): Opened | undefined {
  if (typeof sealed !== "object" || !sealed) return undefined;
  if (Object.getPrototypeOf(sealed) !== Object.prototype || !Object.hasOwn(sealed, "body"))
    return undefined;
  const { edgespan, body, ...fields } = sealed as Record<string, unknown>;
  const written = Object.values(fields);
  const isOurs = written.length > 0 && written.every((value) => typeof value === "string");
  return edgespan === VERSION && isOurs ? { fields: fields as Fields, body } : undefined;
}
