/**
 * The part of `aws-xray-sdk-core` that Powertools Tracer uses, on spans: a bundler's alias puts
 * it in the place of that package, which then is in the bundle no more.
 */
import {
  activeContext,
  activeFrame,
  enterFrame,
  frameWith,
  runInFrame,
} from "../../../trace/active.js";
import { contextWith, spanOf } from "../../../trace/context.js";
import { instrumentAwsClient } from "../../../instrument/aws/client.js";
import { isThenable } from "../../../trace/settle.js";
import { type Face, Segment, Subsegment, segmentOf } from "./segment.js";

/** The face of the active span; undefined outside of an invocation. */
export function getSegment(): Face | undefined {
  const scope = activeFrame()?.scope;
  const span = spanOf(activeContext());
  return scope && span ? segmentOf(span, scope) : undefined;
}

/** Makes its span the active one for what follows. */
export function setSegment(segment: Face | undefined): void {
  if (segment?.span && activeFrame()) enterFrame(frameOf(segment));
}

function frameOf(segment: Face): ReturnType<typeof frameWith> {
  const context = activeContext();
  return frameWith(segment.span ? contextWith(context, segment.span) : context);
}

/** Runs `run` in a subsegment that it closes itself. */
export function captureAsyncFunc<T>(
  name: string,
  run: (subsegment?: Subsegment) => T,
  parent?: Face,
): T {
  const subsegment = (parent ?? getSegment())?.addNewSubsegment(name);
  return subsegment ? runInFrame(frameOf(subsegment), run, subsegment) : run();
}

/** Runs `run` in a subsegment that is closed when it returns. */
export function captureFunc<T>(
  name: string,
  run: (subsegment?: Subsegment) => T,
  parent?: Face,
): T {
  return captureAsyncFunc(
    name,
    (subsegment) => {
      try {
        const value = run(subsegment);
        if (!isThenable(value)) subsegment?.close();
        else
          value.then(
            () => subsegment?.close(),
            (error: unknown) => subsegment?.close(error),
          );
        return value;
      } catch (error) {
        subsegment?.close(error);
        throw error;
      }
    },
    parent,
  );
}

/** The commands of a client become spans, and carry the context where they can. */
export { instrumentAwsClient as captureAWSv3Client };

/** A client of the SDK v2, or all of it, stays as it is. */
export function captureAWS<T>(client: T): T {
  return client;
}

/** Requests by `fetch` are spans of edgespan's already. */
export function captureHTTPsGlobal(): void {}

/** What concerns X-Ray's daemon, and its own way to carry context, has nothing to do. */
export function getNamespace(): { run<T>(run: () => T): T } {
  return {
    run(run) {
      return run();
    },
  };
}
export function setContextMissingStrategy(_strategy: unknown): void {}
export function setDaemonAddress(_address: string): void {}
export function setLogger(_logger: unknown): void {}

export { Segment, Subsegment, captureAWS as captureAWSClient };
