/** Resources: what produced the spans. */
import type { Attributes } from "@opentelemetry/api";
import { SDK_INFO } from "@opentelemetry/core";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { VERSION } from "../version.js";
import {
  SERVICE_NAME,
  TELEMETRY_DISTRO_NAME,
  TELEMETRY_DISTRO_VERSION,
  TELEMETRY_SDK_LANGUAGE,
  TELEMETRY_SDK_NAME,
  TELEMETRY_SDK_VERSION,
} from "./semconv.js";

/**
 * The attributes that name this package and the engine beneath it.
 *
 * @param language `nodejs` where Node runs; the conventions have no name for workerd
 * @see https://opentelemetry.io/docs/specs/semconv/resource/#telemetry-sdk
 */
export function sdkResource(language: string): Attributes {
  return {
    // The specification's own name for a service that was given none.
    [SERVICE_NAME]: "unknown_service",
    [TELEMETRY_SDK_NAME]: "opentelemetry",
    [TELEMETRY_SDK_LANGUAGE]: language,
    [TELEMETRY_SDK_VERSION]: SDK_INFO[TELEMETRY_SDK_VERSION],
    [TELEMETRY_DISTRO_NAME]: "edgespan",
    [TELEMETRY_DISTRO_VERSION]: VERSION,
  };
}

type Resource = ReadableSpan["resource"];

/** A resource as the SDK's serializers and exporters read it. */
export function createResource(attributes: Attributes): Resource {
  return {
    attributes,
    asyncAttributesPending: false,
    getRawAttributes: () => Object.entries(attributes),
    merge: (other) =>
      other ? createResource({ ...attributes, ...other.attributes }) : createResource(attributes),
  };
}
