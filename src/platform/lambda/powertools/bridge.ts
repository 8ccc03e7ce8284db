/** Powertools Tracer on spans, where the bundler has no alias: its provider is a field of its own. */
import type { Face } from "./segment.js";
import * as sdk from "./stand-in.js";

/** What is used of Powertools Tracer. */
export interface PowertoolsTracer {
  provider: object;
}

/** What `ProviderService` of Powertools does by X-Ray's SDK. */
const PROVIDER = {
  ...sdk,
  /** Requests by `fetch` are spans of edgespan's already. */
  instrumentFetch(): void {},
  putAnnotation(key: string, value: string | number | boolean): void {
    subsegment("annotation")?.addAnnotation(key, value);
  },
  putMetadata(key: string, value: unknown, namespace?: string): void {
    subsegment("metadata")?.addMetadata(key, value, namespace);
  },
};

/** The active subsegment; Lambda's own segment cannot be changed, and Powertools says so. */
function subsegment(what: string): Face | undefined {
  const segment = sdk.getSegment();
  if (segment && !(segment instanceof sdk.Segment)) return segment;
  const why = segment ? "is that of Lambda itself" : "is not there";
  console.warn(`The active segment ${why}, so that the ${what} is skipped`);
  return undefined;
}

/**
 * Makes a Powertools `Tracer` record spans: its decorators, its Middy middleware and what is
 * done by hand with segments, annotations and metadata. `wrapHandler()` goes around the handler.
 *
 * @param tracer it is changed and returned
 */
export function bridgeTracer<Tracer extends PowertoolsTracer>(tracer: Tracer): Tracer {
  tracer.provider = PROVIDER;
  return tracer;
}
