/** Which Durable Object it is, told alike by its callers and by itself. */
import type { Attributes } from "@opentelemetry/api";

/** The part of a `DurableObjectId` that is told. */
export interface DurableObjectId {
  toString(): string;
  /** Of an object that was named. */
  readonly name?: string | undefined;
}

/** The id as Cloudflare's own tracing tells it; the name, for which it has no attribute, alike. */
export function durableObjectAttributes(id: DurableObjectId | undefined): Attributes {
  return {
    "cloudflare.durable_object.id": id?.toString(),
    "cloudflare.durable_object.name": id?.name,
  };
}
