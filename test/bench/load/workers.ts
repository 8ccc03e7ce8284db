/** The Workers that are held against each other, each in a workerd of its own. */
import { fileURLToPath } from "node:url";
import { TOOLS, bundle } from "../../package/support/bundle.ts";
import { type Workerd, startWorkerd } from "./workerd.ts";

export async function startBare(): Promise<Workerd> {
  const code = await codeOf(import.meta.resolve("./fixture/bare.ts"));
  return startWorkerd({ name: "bare", code, bindings: {} });
}

/** The Worker that only enters the contexts that spans need. */
export async function startContexts(): Promise<Workerd> {
  const code = await codeOf(import.meta.resolve("./fixture/contexts.ts"));
  return startWorkerd({ name: "contexts", code, bindings: {} });
}

type Env = Readonly<Record<string, string>>;

/** The instrumented Worker, exporting to `endpoint`. */
export async function startInstrumented(endpoint: string, env: Env): Promise<Workerd> {
  const code = await codeOf(import.meta.resolve("./fixture/instrumented.ts"));
  return startWorkerd({ name: "instrumented", code, bindings: bindingsOf(endpoint, env) });
}

/** The instrumented Worker, whose heap can be looked into. */
export async function startCollected(endpoint: string, env: Env): Promise<Workerd> {
  const code = await codeOf(import.meta.resolve("./fixture/collected.ts"));
  const bindings = bindingsOf(endpoint, env);
  return startWorkerd({ name: "collected", code, bindings, inspected: true });
}

function bindingsOf(endpoint: string, env: Env): Env {
  return { OTEL_SERVICE_NAME: "shop", OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env };
}

async function codeOf(module: string): Promise<Uint8Array> {
  const source = `export { default } from ${JSON.stringify(fileURLToPath(module))}`;
  return (await bundle(source, TOOLS.worker)).code;
}
