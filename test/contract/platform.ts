/** What the promises ask of a platform. */
import type { CollectedSpan } from "edgespan/testing";
import { expect } from "vitest";

export interface Platform {
  /** Starts the fixture application in a fresh isolate or sandbox. */
  start(setup: Setup): Promise<App>;
  /** The longest that a response may take while the backend hangs. */
  readonly answersWithinMs: number;
  /** The root span of the first `GET /text?page=2`, from user agent `contract`. */
  rootSpan(app: App): Pick<CollectedSpan, "name" | "attributes" | "resource">;
  /** What the root span of a path is called. */
  rootName(path: string): string;
  /** Whether a handler may answer without a promise. */
  readonly answersAtOnce: boolean;
  /** Whether a thrown `Error` becomes a response before edgespan could see it thrown. */
  readonly answersErrors: boolean;
}

export interface Setup {
  readonly env: Readonly<Record<string, string>>;
  readonly instrumented: boolean;
  /** Whether the platform tells that users are served here; default `false`, local development. */
  readonly deployed?: boolean;
}

export interface App {
  readonly url: string;
  /** What the application has written so far. */
  output(): string;
  close(): Promise<void>;
}

const version: string = expect.stringMatching(/^\d+\.\d+\.\d+/);

/** The part of every resource that names this package; `service` is set by the promises. */
export const sdk = {
  "service.name": "shop",
  "telemetry.sdk.name": "edgespan",
  "telemetry.sdk.version": version,
} as const;

/** The part of every root span that the request of `rootSpan` tells. */
export const request = {
  "faas.coldstart": true,
  "faas.trigger": "http",
  "http.request.method": "GET",
  "http.response.status_code": 200,
  "network.protocol.name": "http",
  "network.protocol.version": "1.1",
  "url.path": "/text",
  "url.query": "page=2",
  "user_agent.original": "contract",
} as const;
