import type { Remote } from "./values.ts";

/** The bindings of the Worker, as the test configures them. */
export interface Env {
  readonly KV: KVNamespace;
  readonly R2: R2Bucket;
  readonly D1: D1Database;
  readonly QUEUE: Queue;
  readonly ROOMS: DurableObjectNamespace;
  readonly DESK: Remote & Pick<Fetcher, "fetch" | "connect">;
  readonly SELF: Fetcher;
  readonly ANALYTICS: AnalyticsEngineDataset;
  readonly LIMITER: RateLimit;
  readonly HYPERDRIVE: Hyperdrive;
  readonly IMAGES: ImagesBinding;
  readonly EMAIL: SendEmail;
  readonly SECRET: SecretsStoreSecret;
  readonly FLOWS: Workflow;
  /** A server that answers with what it was sent. */
  readonly ECHO: string;
}

/** What a handler was called with. */
export interface Given {
  readonly self: object;
  readonly request: Request;
  readonly env: Env;
  readonly ctx: ExecutionContext;
  /** How many calls are on the stack. */
  readonly depth: number;
}
