/** Our propagators and the official ones read the same of what the formats allow, and of what comes close to it. */
import type { TextMapPropagator } from "@opentelemetry/api";
import { W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import { AWSXRayPropagator } from "@opentelemetry/propagator-aws-xray";
import { B3Propagator } from "@opentelemetry/propagator-b3";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { b3 } from "../../../src/propagate/b3.ts";
import { baggagePropagator } from "../../../src/propagate/baggage.ts";
import { traceContextPropagator } from "../../../src/propagate/trace-context.ts";
import { xray } from "../../../src/propagate/xray.ts";
import { type Carrier, taken } from "./taken.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

const hex = (length: number): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 9,
      arbitrary: fc.string({
        unit: fc.constantFrom(...Array.from("0123456789abcdef")),
        minLength: length,
        maxLength: length,
      }),
    },
    { weight: 1, arbitrary: fc.constant("0".repeat(length)) },
  );

/** A text with a character or two that are missing, changed or added. */
function nearly(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const other = fc.constantFrom("", "0", "f", "g", "A", "-", "_", ".", ":", "00", "é");
  const edit = fc.tuple(fc.nat(80), fc.nat(1), other);
  return fc
    .tuple(text, fc.array(edit, { maxLength: 2 }))
    .map(([whole, edits]) =>
      edits.reduce(
        (one, [at, cut, added]) => one.slice(0, at) + added + one.slice(at + cut),
        whole,
      ),
    );
}

const flag = fc.constantFrom("-0", "-1", "-d", "");
const CARRIERS: [
  string,
  TextMapPropagator<unknown>,
  TextMapPropagator<unknown>,
  fc.Arbitrary<Carrier>,
][] = [
  [
    "traceparent",
    traceContextPropagator,
    new W3CTraceContextPropagator(),
    nearly(
      fc
        .tuple(
          fc.constantFrom("00", "01", "cc", "ff"),
          hex(32),
          hex(16),
          hex(2),
          fc.constantFrom("", "-", "-more"),
        )
        .map(([version, id, span, flags, more]) => `${version}-${id}-${span}-${flags}${more}`),
    ).map((traceparent) => ({ traceparent })),
  ],
  [
    "tracestate of up to 512 characters, whose keys are those of level 1",
    traceContextPropagator,
    new W3CTraceContextPropagator(),
    fc
      .uniqueArray(
        fc.tuple(
          fc.stringMatching(/^[a-z][a-z\d_*/-]{0,9}(@[a-z]{1,5})?$/),
          fc.stringMatching(/^[ -+\--<>-~]{0,8}[!-+\--<>-~]$/),
        ),
        { maxLength: 20, selector: ([key]) => key },
      )
      .map((members) => ({
        traceparent: `00-${TRACE}-${SPAN}-01`,
        tracestate: members.map((one) => one.join("=")).join(" , "),
      })),
  ],
  [
    "baggage whose keys hold no percent sign",
    baggagePropagator,
    new W3CBaggagePropagator(),
    fc
      .uniqueArray(
        fc.tuple(
          // The official one loses `__proto__`.
          fc.stringMatching(/^[\w!#$&'*+.^`|~-]{1,9}$/).filter((key) => key !== "__proto__"),
          fc
            .string({ minLength: 1, maxLength: 9, unit: "grapheme" })
            .map((text) => encodeURIComponent(text.toWellFormed())),
          fc.constantFrom("", ";p", ";p=1;q"),
        ),
        { maxLength: 60, selector: ([key]) => key },
      )
      .map((members) => ({
        baggage: members.map(([key, value, more]) => `${key}=${value}${more}`).join(","),
      })),
  ],
  [
    "b3",
    b3,
    new B3Propagator(),
    nearly(
      fc
        .tuple(fc.oneof(hex(32), hex(16)), hex(16), flag)
        .map(([id, span, state]) => `${id}-${span}${state}`),
    ).map((single) => ({ b3: single })),
  ],
  [
    "b3 in several headers",
    b3,
    new B3Propagator(),
    fc
      .tuple(
        nearly(hex(32)),
        nearly(hex(16)),
        fc.constantFrom("0", "1", "true", "false", "d", "x"),
        fc.constantFrom("0", "1"),
      )
      .filter(([id, span]) => !/[A-Z]/.test(id + span))
      .map(([id, span, sampled, flags]) => ({
        "x-b3-traceid": id,
        "x-b3-spanid": span,
        "x-b3-sampled": sampled,
        "x-b3-flags": flags,
      })),
  ],
  [
    "x-amzn-trace-id",
    xray,
    new AWSXRayPropagator(),
    nearly(
      fc
        .tuple(hex(8), hex(24), hex(16), fc.constantFrom("0", "1", "?"))
        .chain(([time, unique, parent, sampled]) =>
          fc
            .shuffledSubarray(
              [
                `Root=1-${time}-${unique}`,
                `Parent=${parent}`,
                `Sampled=${sampled}`,
                "Self=1-0-1",
                "Lineage=a:1",
              ],
              { minLength: 3 },
            )
            .map((parts) => parts.join(";")),
        ),
    )
      .filter((header) => !header.includes("A"))
      .map((header) => ({ "x-amzn-trace-id": header })),
  ],
];

test.each(CARRIERS)("of %s the same is read", (_, ours, official, carriers) => {
  let read = 0;
  fc.assert(
    fc.property(carriers, (carrier) => {
      const own = taken(ours, carrier);
      expect(own).toEqual(taken(official, carrier));
      if (own.traceId ?? own.baggage[0]) read++;
    }),
    { numRuns: 2_000 },
  );
  // Else nothing would have been compared.
  expect(read).toBeGreaterThan(200);
});
