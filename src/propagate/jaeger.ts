/**
 * Jaeger's headers. Our own, because the package of OpenTelemetry does not accept version 1.10 of
 * the API (its peer is `<1.10`).
 * @see https://www.jaegertracing.io/docs/1.76/client-libraries/#propagation-format
 */
import {
  type Baggage,
  type BaggageEntry,
  type TextMapGetter,
  type TextMapPropagator,
  isSpanContextValid,
  trace,
} from "@opentelemetry/api";
import { SAMPLED_FLAG } from "../trace/enums.js";
import { TRACING_SUPPRESSED } from "../trace/suppressed.js";
import { validSpanContext } from "../trace/valid-span-context.js";
import { adoptParent } from "./adopt-parent.js";
import { baggageOf } from "./baggage-entries.js";
import { BAGGAGE } from "./baggage.js";

const TRACE_ID = "uber-trace-id";
const BAGGAGE_PREFIX = "uberctx-";
const MAX_LENGTH = 128;
/** Those of W3C Baggage, for all members together. */
const MAX_MEMBERS = 180;
const MAX_BAGGAGE_BYTES = 8_192;

/** `{trace id}:{span id}:{parent span id, which nobody reads any more}:{flags}`, left-padded with zeros or not. */
const VALUE = /^([\da-f]{1,32}):([\da-f]{1,16}):[\da-f]{1,16}:([\da-f]{1,2})$/i;
/** What the name of a header may be. */
const NAME = /^[\w!#$&'*+.^`|~-]+$/;

/** Jaeger: `uber-trace-id`, and baggage in headers that begin with `uberctx-`. */
export const jaeger: TextMapPropagator = {
  inject(context, carrier, setter) {
    if (context.getValue(TRACING_SUPPRESSED)) return;
    const spanContext = validSpanContext(context);
    if (spanContext) {
      const { traceId, spanId, traceFlags } = spanContext;
      const flags = traceFlags & SAMPLED_FLAG;
      setter.set(carrier, TRACE_ID, `${traceId}:${spanId}:0:${flags}`);
    }
    let room = MAX_BAGGAGE_BYTES;
    const entries = (context.getValue(BAGGAGE) as Baggage | undefined)?.getAllEntries() ?? [];
    for (const [key, { value }] of entries.slice(0, MAX_MEMBERS)) {
      const encoded = encodeURIComponent(value.toWellFormed());
      room -= key.length + encoded.length;
      if (room >= 0 && NAME.test(key)) setter.set(carrier, BAGGAGE_PREFIX + key, encoded);
    }
  },
  extract(context, carrier, getter) {
    const header = textOf(carrier, getter, TRACE_ID);
    // Some clients send the colons percent-encoded.
    const value = header.length <= MAX_LENGTH ? header.replaceAll(/%3a/gi, ":") : "";
    const [, traceId = "", spanId = "", flags = ""] = VALUE.exec(value.trim().toLowerCase()) ?? [];
    const spanContext = {
      traceId: traceId.padStart(32, "0"),
      spanId: spanId.padStart(16, "0"),
      // Beside `sampled` there are flags of Jaeger's own, such as `debug`.
      traceFlags: Number.parseInt(flags, 16) & SAMPLED_FLAG,
      isRemote: true,
    };
    const entries = baggageIn(carrier, getter);
    const within = entries.length > 0 ? context.setValue(BAGGAGE, baggageOf(entries)) : context;
    if (!isSpanContextValid(spanContext)) return within;
    return adoptParent(context, trace.setSpanContext(within, spanContext));
  },
  fields() {
    return [TRACE_ID];
  },
};

function baggageIn(carrier: unknown, getter: TextMapGetter<unknown>): [string, BaggageEntry][] {
  let room = MAX_BAGGAGE_BYTES;
  const names = getter.keys(carrier).filter((name) => /^uberctx-./i.test(name));
  return names.slice(0, MAX_MEMBERS).flatMap((name): [string, BaggageEntry][] => {
    const text = textOf(carrier, getter, name);
    room -= name.length + text.length;
    if (room < 0) return [];
    try {
      return [[name.slice(BAGGAGE_PREFIX.length), { value: decodeURIComponent(text) }]];
    } catch {
      return [];
    }
  });
}

function textOf(carrier: unknown, getter: TextMapGetter<unknown>, name: string): string {
  const value = getter.get(carrier, name);
  return (Array.isArray(value) ? value[0] : value) ?? "";
}
