/** How long hostile headers take to be read, for each propagator and the worst of its headers. */
import { type TextMapGetter, ROOT_CONTEXT, type TextMapPropagator } from "@opentelemetry/api";
import * as propagators from "edgespan/propagators";
import { baggagePropagator } from "../../dist/propagate/baggage.js";
import { traceContextPropagator } from "../../dist/propagate/trace-context.js";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`;

/** What a header is filled with: members, escapes that are no UTF-8, hex digits, and nothing at all. */
const PIECES = ["a=1,", "%80a", `${TRACE}-`, " ", "\u0000", ":;=-"];
const HEADERS = {
  tracecontext: ["traceparent", "tracestate"],
  baggage: ["baggage"],
  b3: ["b3"],
  b3multi: ["x-b3-traceid"],
  xray: ["x-amzn-trace-id"],
  jaeger: ["uber-trace-id", "uberctx-user"],
} as const;
const ALL: Record<keyof typeof HEADERS, TextMapPropagator<unknown>> = {
  tracecontext: traceContextPropagator,
  baggage: baggagePropagator,
  ...propagators,
};
const KILOBYTES = [8, 10_240] as const;

type Headers = Record<string, string>;
const getter: TextMapGetter<unknown> = {
  get: (carrier, name) => (carrier as Headers)[name],
  keys: (carrier) => Object.keys(carrier as Headers),
};

export async function benchHeaders(): Promise<Record<string, string | number>[]> {
  return Object.entries(HEADERS).flatMap(([name, headers]) =>
    headers.map((header) => {
      const worst = (kilobytes: number): number =>
        Math.max(
          ...PIECES.map((piece) => msPerKb(name as keyof typeof HEADERS, header, piece, kilobytes)),
        );
      const [some, many] = KILOBYTES.map((kilobytes) => worst(kilobytes).toPrecision(2));
      return {
        propagator: name,
        header,
        "ms per KB of 8 KB": some ?? "",
        "ms per KB of 10 MB": many ?? "",
      };
    }),
  );
}

/** The best of several, so that what else the machine does is left out. */
function msPerKb(
  name: keyof typeof HEADERS,
  header: string,
  piece: string,
  kilobytes: number,
): number {
  const value = piece.repeat((kilobytes * 1_024) / piece.length);
  const carrier = { traceparent: PARENT, [header]: value };
  const runs = Array.from({ length: 20 }, () => {
    const startedAt = performance.now();
    ALL[name].extract(ROOT_CONTEXT, carrier, getter);
    return performance.now() - startedAt;
  });
  return Math.min(...runs) / kilobytes;
}
