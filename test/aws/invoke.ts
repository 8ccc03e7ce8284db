/** Runs work in an invocation of a function, whose spans are collected. */
import type { Options } from "edgespan";
import { wrapHandler } from "edgespan/lambda";
import { type CollectedSpan, createCollector, createFakeLambdaContext } from "edgespan/testing";

export interface Outcome {
  readonly value: unknown;
  readonly error: unknown;
  readonly root: CollectedSpan;
  /** All others, in the order of their start. */
  readonly spans: readonly CollectedSpan[];
}

export async function traced(
  work: (event: unknown, context: unknown) => unknown,
  { event = {}, ...options }: Options & { event?: unknown } = {},
): Promise<Outcome> {
  const collector = createCollector();
  const handler = wrapHandler(async (given: unknown, context: unknown) => work(given, context), {
    exporter: { url: "http://collector.test/v1/traces", fetch: collector.fetch },
    instrument: { fetch: false },
    ...options,
  });
  let value: unknown;
  let error: unknown;
  try {
    value = await Reflect.apply(handler, undefined, [event, createFakeLambdaContext()]);
  } catch (thrown) {
    error = thrown;
  }
  const all = collector.spans().toSorted((a, b) => a.startMs - b.startMs);
  const root = all.find(({ kind }) => kind === "SERVER");
  if (!root) throw new Error("the invocation left no span");
  return { value, error, root, spans: all.filter((one) => one !== root) };
}
