/**
 * The W3C Baggage propagator.
 * @see https://www.w3.org/TR/baggage/
 */
import type { Baggage, BaggageEntry, TextMapPropagator } from "@opentelemetry/api";
import { quietly } from "../trace/quietly.js";
import { TRACING_SUPPRESSED } from "../trace/suppressed.js";
import { TOKEN } from "../trace/token.js";
import { baggageOf } from "./baggage-entries.js";

/** The limits that the recommendation asks every platform to carry, and the SDK's. */
const MAX_MEMBERS = 180;
const MAX_BYTES = 8192;

/** Where `propagation.getBaggage()` of every copy of `@opentelemetry/api` looks. */
export const BAGGAGE: symbol = Symbol.for("OpenTelemetry Baggage Key");

export const baggagePropagator: TextMapPropagator<unknown> = {
  inject(context, carrier, setter) {
    const baggage = context.getValue(BAGGAGE) as Baggage | undefined;
    if (!baggage || context.getValue(TRACING_SUPPRESSED)) return;
    let header = "";
    for (const [key, { value, metadata }] of baggage.getAllEntries().slice(0, MAX_MEMBERS)) {
      const name = TOKEN.test(key) ? key : encodeURIComponent(key);
      // No more is encoded than has to be, so that what came within the limits leaves within them.
      const text = value.replace(/[ "%,;\\]/g, encodeURIComponent);
      const member = `${header && ","}${name}=${text}${metadata ? `;${metadata.toString()}` : ""}`;
      const encoded = member.toWellFormed().replace(/[^ -~]/gu, encodeURIComponent);
      // Whole members only, as many as fit.
      if (header.length + encoded.length <= MAX_BYTES) header += encoded;
    }
    if (header) setter.set(carrier, "baggage", header);
  },
  extract(context, carrier, getter) {
    // Repeated headers are one list: an array becomes text with commas.
    const header = getter.get(carrier, "baggage")?.toString();
    if (!header) return context;
    const members = header.slice(0, MAX_BYTES + 1).split(",");
    // A member that the cut may have shortened is left out.
    if (header.length > MAX_BYTES) members.pop();
    const entries = members.slice(0, MAX_MEMBERS).flatMap(entryOf);
    return entries.length > 0 ? context.setValue(BAGGAGE, baggageOf(entries)) : context;
  },
  fields() {
    return ["baggage"];
  },
};

function entryOf(member: string): [string, BaggageEntry][] {
  const [pair = "", ...properties] = member.split(";");
  const [name = "", ...rest] = pair.split("=");
  const key = name.trim();
  if (rest.length < 1 || !TOKEN.test(key)) return [];
  // Octets that are no UTF-8 become one U+FFFD, and nothing else is lost.
  const value = rest
    .join("=")
    .trim()
    .replace(
      /%[0-7][\da-f]|(%[89a-f][\da-f])+/gi,
      (octets) => quietly(() => decodeURIComponent(octets)) ?? "\ufffd",
    );
  const text = properties.map((property) => property.trim()).join(";");
  if (!text) return [[key, { value }]];
  // Metadata is opaque: all that the API knows of it is its text.
  const metadata = {
    toString() {
      return text;
    },
  };
  return [[key, { value, metadata } as BaggageEntry]];
}
