/** What is recorded only where the application asks for it; `edgespan/capture` has it. */
import type { Context, Span, SpanOptions } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";

/** A request's headers, or whatever can be asked like them. */
export interface HeadersLike {
  get(name: string): string | null | undefined;
}

/** Made by `capture()` of `edgespan/capture`. None of its methods throws. */
export interface Capture {
  /** Answers with what a span is to start, before a sampler sees it. */
  started<Options extends SpanOptions>(options: Options, context: Context): Options;
  /** Records what an incoming request tells: its headers, and who sent it. */
  received(span: Span, event: unknown, headers: HeadersLike | undefined): void;
  /** Records what the arguments of an outgoing `fetch` tell. */
  sent(span: Span, args: readonly unknown[]): void;
  /** Records what a response tells: a `Response`, or the result of a function. */
  answered(span: Span, response: unknown): void;
  /** Takes out of a span that ends what the application calls secret. */
  ended(span: ReadableSpan): void;
}
