/** What an AWS service may have that is told of its calls, and where they carry context. */
import type { Attributes, SpanKind } from "@opentelemetry/api";
import type { TextCarrier } from "../../propagate/inject.js";
import { quietly } from "../../trace/quietly.js";

/** The input or output of a command. */
export type Shape = Readonly<Record<string, unknown>>;

/** What propagators wrote, by name. */
export type Fields = Record<string, string>;

export interface AwsCall {
  /** As the SDK names it, e.g. `DynamoDB`. */
  readonly service: string;
  /** E.g. `PutItem`. */
  readonly operation: string;
  readonly input: Shape;
  /** Whether payloads may carry context, too. */
  readonly payloads: boolean;
}

export interface AwsSpan {
  /** Default `{service}.{operation}`. */
  readonly name?: string;
  /** Default CLIENT. */
  readonly kind?: SpanKind;
  readonly attributes: Attributes;
}

export interface AwsService {
  span?(call: AwsCall): AwsSpan;
  /** What the output tells. */
  result?(call: AwsCall, output: Shape): Attributes;
  /** The stream of events in which the output goes on, if it is one; the span then lasts as long. */
  stream?(output: Shape): unknown;
  /** What one of these events tells. */
  event?(event: Shape): Attributes | undefined;
  /**
   * The input with context in it; nothing where it has no room or place for it.
   *
   * @param inject writes the same into what may hold the context of another span
   */
  carry?(call: AwsCall, fields: Fields, inject: (carrier: TextCarrier) => void): Shape | undefined;
}

/** The last part of an ARN or a URL, where that is what a resource is called by. */
export function lastPart(name: unknown): string | undefined {
  return typeof name === "string" ? name.split(/[:/]/).pop() : undefined;
}

/** The members of a list that are objects. */
export function shapes(list: unknown): Shape[] {
  return Array.isArray(list) ? list.filter((one) => typeof one === "object" && one) : [];
}

/** How many bytes a text or bytes are on the wire; what is neither counts for nothing. */
export function bytesIn(part: unknown): number {
  if (typeof part === "string") return Buffer.byteLength(part);
  return part instanceof Uint8Array ? part.length : 0;
}

/** The JSON object with the fields beside its other members; nothing for any other text. */
export function withMembers(text: unknown, fields: Fields): string | undefined {
  if (typeof text !== "string") return undefined;
  const parsed: unknown = quietly(() => JSON.parse(text));
  if (typeof parsed !== "object" || !parsed || Array.isArray(parsed)) return undefined;
  return JSON.stringify({ ...fields, ...parsed });
}
