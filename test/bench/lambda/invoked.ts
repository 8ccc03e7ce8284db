/** What a function takes of its caller's time, under AWS's runtime client and a Runtime API. */
import { basename } from "node:path";
import { startLambda } from "edgespan/testing";
import { runtimeClientPath } from "../../lambda/runtime-client/index.ts";
import { type Bundle, OUT } from "./bundle.ts";

export interface Invoked {
  /** From the start of the process until it asks for its first event. */
  readonly initMs: number;
  /** From the event to the response, as are the others. */
  readonly firstMs: number;
  readonly warmMs: number;
}

const WARM = 50;
const client = runtimeClientPath();

/** Invokes it in a sandbox of its own, which is frozen between invocations. */
export async function invoke(
  { file, before }: Bundle,
  env: Readonly<Record<string, string>>,
): Promise<Invoked> {
  await using lambda = await startLambda({
    handler: `${basename(file).replace(/\.\w+$/, "")}.handler`,
    taskRoot: OUT,
    functionName: "bench",
    timeoutMs: 30_000,
    ...(client && { runtimeClient: client }),
    env: { ...env, ...(before && { NODE_OPTIONS: `--require ${before}` }) },
  });
  const call = async (): Promise<{ durationMs: number; initMs?: number }> => {
    const outcome = await lambda.invoke({ key: "value" });
    if (outcome.status === "success") return outcome;
    throw new Error(`${file} failed: ${JSON.stringify(outcome)}\n${lambda.output()}`);
  };
  const { initMs = 0, durationMs: firstMs } = await call();
  const warm: number[] = [];
  for (let count = 0; count < WARM; count++) warm.push((await call()).durationMs);
  await lambda.idle();
  return { initMs, firstMs, warmMs: median(warm) };
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
