/** Step 7: what it means to send one encoded export. */
import { printable } from "../trace/report.js";

/** How one attempt to send ended; only `retryable` may be tried again. */
export type SendResult =
  | { readonly status: "delivered" }
  | { readonly status: "retryable"; readonly reason: string }
  | { readonly status: "rejected"; readonly reason: string };

/** Sends one encoded export within `budgetMs`; it never rejects. */
export type Send = (body: Uint8Array, budgetMs: number) => Promise<SendResult>;

/** Where and how a transport sends. */
export interface Endpoint {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The part of `fetch` that an export needs. */
export type FetchLike = (
  url: string,
  init: { method: string; headers: Record<string, string>; body: Uint8Array; signal: never },
) => Promise<FetchedResponse>;

/** The part of a `Response` that an export reads. */
export interface FetchedResponse {
  readonly status: number;
  readonly body: { cancel(): Promise<void> } | null;
}

/**
 * Reads the status of an OTLP/HTTP response.
 * @see https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
 */
export function resultOfStatus(status: number): SendResult {
  if (status >= 200 && status < 300) return { status: "delivered" };
  const reason = `HTTP status ${status}`;
  const retryable = status === 429 || (status >= 502 && status <= 504);
  return { status: retryable ? "retryable" : "rejected", reason };
}

/** The result of a request that got no response. */
export function resultOfFault(error: unknown): SendResult {
  const { code, message } = (error ?? {}) as { [key: string]: unknown };
  // DOMException has a number as code, which says nothing.
  const reason = typeof code === "string" ? code : (message ?? error);
  return { status: "retryable", reason: printable(reason) };
}
