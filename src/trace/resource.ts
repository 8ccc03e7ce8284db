/** Resources: what produced the spans. */
import type { Attributes } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { VERSION } from "../version.js";
import { copyAttributes } from "./attributes.js";
import { SERVICE_NAME } from "./semconv.js";

/**
 * The attributes that name what recorded the spans. Its name is not `opentelemetry`, which is
 * reserved for the project's own SDKs.
 *
 * @param language `nodejs` where Node runs; the conventions have no name for workerd
 * @see https://opentelemetry.io/docs/specs/semconv/resource/#telemetry-sdk
 */
export function sdkResource(language: string): Attributes {
  return {
    // The specification's own name for a service that was given none.
    [SERVICE_NAME]: "unknown_service",
    "telemetry.sdk.name": "edgespan",
    "telemetry.sdk.language": language,
    "telemetry.sdk.version": VERSION,
  };
}

type Resource = ReadableSpan["resource"];

/** A resource as far as serializers and exporters of the SDK read it; what is unknown is left out. */
export function createResource(attributes: Attributes): Resource {
  const { attributes: known } = copyAttributes(attributes, Infinity, {
    limits: { attributeValueLengthLimit: Infinity },
    bytesLeft: Infinity,
  });
  return { attributes: known, asyncAttributesPending: false } as Resource;
}
