/** Runs the application in real workerd, bare or instrumented. */
import { createTestHarness } from "wrangler";

const worker = `${import.meta.dirname}/../../worker/harm`;

// wrangler would print every error that the application throws.
process.env["WRANGLER_LOG"] = "none";

type Harness = ReturnType<typeof createTestHarness>;

export interface Application {
  readonly url: URL;
  readonly worker: ReturnType<Harness["getWorker"]>;
  /** What was written to the console. */
  output(): string[];
}

const config = (endpoint: string, echo: string) => ({
  name: "harm",
  main: `${worker}/app.ts`,
  compatibility_date: "2026-10-01",
  compatibility_flags: ["nodejs_compat", "enable_request_signal"],
  vars: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_BSP_SCHEDULE_DELAY: "0", ECHO: echo },
  kv_namespaces: [{ binding: "KV", id: "kv" }],
  r2_buckets: [{ binding: "R2", bucket_name: "files" }],
  d1_databases: [{ binding: "D1", database_name: "d1", database_id: "d1" }],
  queues: {
    producers: [{ binding: "QUEUE", queue: "letters" }],
    consumers: [{ queue: "letters", max_batch_timeout: 0, max_batch_size: 1 }],
  },
  durable_objects: { bindings: [{ name: "ROOMS", class_name: "Room" }] },
  migrations: [{ tag: "v1", new_sqlite_classes: ["Room"] }],
  services: [
    { binding: "DESK", service: "harm", entrypoint: "Desk" },
    { binding: "SELF", service: "harm" },
  ],
  workflows: [{ binding: "FLOWS", name: "flows", class_name: "Flow" }],
  analytics_engine_datasets: [{ binding: "ANALYTICS", dataset: "visits" }],
  ratelimits: [
    { name: "LIMITER", namespace_id: "1001", simple: { limit: 1000, period: 60 as const } },
  ],
  images: { binding: "IMAGES" },
  send_email: [{ name: "EMAIL" }],
  secrets_store_secrets: [{ binding: "SECRET", store_id: "store", secret_name: "key" }],
  hyperdrive: [
    { binding: "HYPERDRIVE", id: "hd", localConnectionString: "postgres://u:p@127.0.0.1:5432/db" },
  ],
});

export async function startApplication(
  bare: boolean,
  { endpoint, echo, resources }: Surroundings,
): Promise<Application> {
  const standIn = {
    "edgespan/worker": `${worker}/bare.ts`,
    "edgespan/bindings": `${worker}/bare.ts`,
  };
  const harness = createTestHarness({
    workers: [{ config: { ...config(endpoint, echo), ...(bare && { alias: standIn }) } }],
  });
  resources.defer(() => harness.close());
  const { url } = await harness.listen();
  return {
    url,
    worker: harness.getWorker(),
    output: () => harness.getLogs().map(({ level, message }) => `${level}: ${message}`),
  };
}

export interface Surroundings {
  readonly endpoint: string;
  readonly echo: string;
  readonly resources: AsyncDisposableStack;
}
