/** Runs one request through an instrumented handler, inside workerd, and tells what a backend got. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import type { Options, OtlpExporterOptions } from "edgespan";
import { type CollectedSpan, type Collector, createCollector } from "edgespan/testing";
import { instrument } from "edgespan/worker";

export interface FetchHandler {
  fetch(request: Request, env: unknown, ctx: ExecutionContext): Response | Promise<Response>;
}

interface InvokeOptions {
  request?: Request;
  env?: unknown;
  options?: Options;
}

export interface Invoked {
  response: Response;
  spans: CollectedSpan[];
  collector: Collector;
}

/** The exporter option that sends into `collector`. */
export function exporterOf(collector: Collector): { exporter: OtlpExporterOptions } {
  return { exporter: { url: "http://collector.test/v1/traces", fetch: collector.fetch } };
}

export function request(path = "/", init?: RequestInit): Request {
  return new Request(`http://worker.test${path}`, init);
}

/** Nobody else's spans are waited for: each test waits for its export, and hundreds do. */
const flush = { windowMs: 1 };

/** Sends one request and waits until all `waitUntil` work is done. */
export async function invoke(
  handler: FetchHandler,
  { request: sent = request(), env = {}, options }: InvokeOptions = {},
): Promise<Invoked> {
  const collector = createCollector();
  const worker = instrument(handler, { ...exporterOf(collector), flush, ...options });
  const ctx = createExecutionContext();
  const response = await worker.fetch(sent, env, ctx);
  await waitOnExecutionContext(ctx);
  return { response, spans: collector.spans(), collector };
}

/** Runs `work` inside of an invocation; answers what it returned and the spans without the root. */
export async function traced<T>(
  work: () => T,
  { request: sent, env, options }: InvokeOptions = {},
): Promise<{ value: Awaited<T>; root: CollectedSpan; spans: CollectedSpan[] }> {
  const done = Promise.withResolvers<Awaited<T>>();
  const handler = {
    async fetch() {
      done.resolve(await work());
      return new Response();
    },
  };
  const { spans } = await invoke(handler, {
    ...(sent && { request: sent }),
    ...(env !== undefined && { env }),
    ...(options && { options }),
  });
  const root = spans.find(({ kind }) => kind === "SERVER");
  if (!root) throw new Error("no server span arrived");
  return { value: await done.promise, root, spans: spans.filter((span) => span !== root) };
}

export async function sleep(ms: number): Promise<void> {
  await scheduler.wait(ms);
}

/** Runs `work` and answers what it threw, wrapped so that `undefined` can be told from nothing. */
export async function thrownBy(work: () => unknown): Promise<{ thrown: unknown } | undefined> {
  try {
    await work();
    return undefined;
  } catch (thrown) {
    return { thrown };
  }
}
