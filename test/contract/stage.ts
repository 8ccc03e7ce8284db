/** What the promises of one platform share: the application bare and instrumented, and what is around it. */
import {
  type CollectedSpan,
  type Collector,
  createCollector,
  serveCollector,
  type TraceTree,
} from "edgespan/testing";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect } from "vitest";
import { get, type Headers, type Response } from "./get.ts";
import type { App, Platform, Setup } from "./platform.ts";

/**
 * The application, running, with a backend of its own. On Workers spans arrive after the
 * response: a test that does not wait for those it caused hands them to the next test.
 */
export interface Running {
  readonly app: App;
  readonly collector: Collector;
  get(path: string, headers?: Headers): Promise<Response>;
  /** Asks for `path` and waits for `count` spans, which must be one trace and all there are. */
  traced(path: string, count: number, headers?: Headers): Promise<Traced>;
  /** The same, without the response. */
  trace(path: string, count: number, headers?: Headers): Promise<TraceTree>;
}

interface Traced {
  readonly response: Response;
  readonly trace: TraceTree;
}

export interface Stage {
  readonly platform: Platform;
  /** The application without edgespan. */
  readonly bare: Running;
  /** The application with edgespan and nothing else set; its cold start is over. */
  readonly traced: Running;
  /** A path that makes the application ask an upstream, which answers with the headers it got. */
  readonly upstream: string;
  /** Starts the instrumented application afresh. */
  start(setup?: Partial<Setup>): Promise<Running & AsyncDisposable>;
}

/** The time in which anything that were wrongly sent would have arrived. */
const QUIET_MS = 250;

export const quietTime = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, QUIET_MS);
  });

/** Sets the stage before the tests of the surrounding `describe`, and clears it after them. */
export function setStage(platform: Platform): Stage {
  const shared = { bare: none, traced: none, upstream: "" };
  const resources = new AsyncDisposableStack();
  beforeAll(async () => {
    shared.upstream = `/upstream?to=${encodeURIComponent(await serveEcho(resources))}`;
    shared.bare = await run(platform, { instrumented: false }, resources);
    shared.traced = await run(platform, {}, resources);
    await shared.traced.trace("/text", 1);
  });
  afterAll(() => resources.disposeAsync());
  return {
    platform,
    get bare() {
      return shared.bare;
    },
    get traced() {
      return shared.traced;
    },
    get upstream() {
      return shared.upstream;
    },
    async start(setup = {}) {
      const own = new AsyncDisposableStack();
      const running = await run(platform, setup, own);
      return { ...running, [Symbol.asyncDispose]: () => own.disposeAsync() };
    },
  };
}

const none = {} as Running;

async function run(
  platform: Platform,
  { env = {}, instrumented = true, deployed = false }: Partial<Setup>,
  resources: AsyncDisposableStack,
): Promise<Running> {
  const collector = createCollector();
  const { endpoint } = resources.use(await serveCollector(collector));
  const defaults = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: "shop" };
  const app = await platform.start({ env: { ...defaults, ...env }, instrumented, deployed });
  resources.defer(() => app.close());
  const ask = (path: string, headers?: Headers): Promise<Response> => get(app.url + path, headers);
  const traced: Running["traced"] = async (path, count, headers) => {
    collector.reset();
    const response = await ask(path, headers);
    await collector.waitForSpans(count);
    const [trace, ...others] = collector.traces();
    if (!trace) throw new Error("no trace arrived");
    expect([others, trace.roots.length, collector.spans().length]).toEqual([[], 1, count]);
    return { response, trace };
  };
  const trace: Running["trace"] = async (...args) => (await traced(...args)).trace;
  return { app, collector, get: ask, traced, trace };
}

/** A server that answers every request with the request's headers, as JSON. */
async function serveEcho(resources: AsyncDisposableStack): Promise<string> {
  const server = createServer((request, response) => {
    response.end(JSON.stringify(request.headers));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  resources.defer(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** The only root of a trace. */
export function rootOf({ roots }: TraceTree): TraceTree["roots"][number] {
  const [root] = roots;
  if (!root) throw new Error("the trace has no root");
  return root;
}

/** The names of a trace as nested arrays: a span, then what is beneath it. */
export function shapeOf(node: CollectedSpan & Pick<TraceTree["roots"][number], "children">): Shape {
  return node.children.length > 0 ? [node.name, ...node.children.map(shapeOf)] : node.name;
}

type Shape = string | [string, ...Shape[]];
