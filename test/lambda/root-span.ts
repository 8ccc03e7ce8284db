/** The root span of one invocation under a fake context, whole. */
import type { Options } from "edgespan";
import {
  type CollectedSpan,
  createCollector,
  createFakeLambdaContext,
  type FakeLambdaContext,
} from "edgespan/testing";
import { wrapHandler } from "edgespan/lambda";
import { readFileSync } from "node:fs";
import { expect } from "vitest";

type Event = Record<string, unknown>;

/** The span that the recorded events name as their caller's. */
export const PARENT = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" };

export const unset = { code: "UNSET" as const, message: undefined };

export function exampleEvent(name: string): Event {
  return JSON.parse(readFileSync(`${import.meta.dirname}/events/${name}.json`, "utf8")) as Event;
}

/** The only span of an invocation, whose result is what the handler gave. */
export async function rootOf(
  event: unknown,
  context: FakeLambdaContext = createFakeLambdaContext(),
  result?: unknown,
  instrument: Options["instrument"] = {},
  exporter: object = { url: "http://collector/v1/traces" },
): Promise<CollectedSpan> {
  const collector = createCollector();
  const handler = wrapHandler(async (_event: unknown, _context: unknown) => result, {
    exporter: { ...exporter, fetch: collector.fetch },
    service: "shop",
    instrument,
  });
  expect(await handler(event, context)).toBe(result);
  const [root, ...others] = collector.spans();
  expect(others).toEqual([]);
  return root as CollectedSpan;
}

/** What every root span tells of its invocation. */
export function told({ awsRequestId, invokedFunctionArn }: FakeLambdaContext): object {
  return {
    "aws.lambda.invoked_arn": invokedFunctionArn,
    "cloud.account.id": "123456789012",
    "cloud.resource_id": invokedFunctionArn,
    "faas.coldstart": expect.any(Boolean) as boolean,
    "faas.invocation.id": awsRequestId,
  };
}

/** Every field of a root span that is the same for most. */
export function whole(): Partial<CollectedSpan> {
  const text: string = expect.any(String);
  const ms: number = expect.any(Number);
  return {
    traceId: text,
    spanId: text,
    parentSpanId: undefined,
    traceState: undefined,
    kind: "SERVER",
    startMs: ms,
    durationMs: ms,
    events: [],
    links: [],
    resource: {
      "cloud.platform": "aws_lambda",
      "cloud.provider": "aws",
      "service.name": "shop",
      "telemetry.sdk.language": "nodejs",
      "telemetry.sdk.name": "edgespan",
      "telemetry.sdk.version": text,
    },
    scope: "edgespan",
  };
}
