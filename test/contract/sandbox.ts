/** The platform of Lambda: a runtime client in a sandbox of its own, behind a Function URL. */
import { type LambdaOptions, startLambda } from "edgespan/testing";
import { expect } from "vitest";
import type { Client } from "../lambda/clients.ts";
import { isPrevious } from "../lambda/runtime-client/index.ts";
import { createBundles } from "./bundles.ts";
import { type Platform, request, sdk } from "./platform.ts";

const TIMEOUT_MS = 3_000;

/** The handler that `entry` exports, bare and instrumented, under a runtime client. */
export function sandbox(
  entry: string,
  rootName: Platform["rootName"],
  client: Client & Pick<LambdaOptions, "maxConcurrency" | "timeoutMs">,
): Platform {
  const bundled = createBundles({ platform: "node" });
  return {
    answersWithinMs: TIMEOUT_MS,
    answersAtOnce: !isPrevious,
    answersErrors: entry.startsWith("hono"),
    rootName,
    async start({ env, instrumented, deployed = false }) {
      const lambda = await startLambda({
        ...client,
        handler: "index.handler",
        taskRoot: await bundled(`${entry}-${instrumented ? "instrumented" : "bare"}`),
        functionName: "orders",
        timeoutMs: client.timeoutMs ?? TIMEOUT_MS,
        env: {
          ...env,
          // Managed Instances are told by it.
          ...(!client.maxConcurrency && { AWS_LAMBDA_INITIALIZATION_TYPE: undefined }),
          ...(deployed && { AWS_SAM_LOCAL: undefined }),
        },
      });
      const { url } = await lambda.listen();
      return { url, output: lambda.output, close: lambda.close };
    },
    rootSpan: () => rootSpan(rootName("/text")),
  };
}

function rootSpan(name: string): ReturnType<Platform["rootSpan"]> {
  const arn = "arn:aws:lambda:us-east-1:123456789012:function:orders";
  const [, route] = name.split(" ");
  return {
    name,
    attributes: {
      ...request,
      ...(route && { "http.route": route }),
      "aws.lambda.invoked_arn": arn,
      "aws.xray.trace_id": expect.stringMatching(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/) as string,
      "cloud.account.id": "123456789012",
      "cloud.resource_id": arn,
      "faas.invocation.id": expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      "server.address": "local.lambda-url.us-east-1.on.aws",
      "url.scheme": "https",
    },
    resource: {
      ...sdk,
      "aws.log.group.names": ["/aws/lambda/orders"],
      "cloud.platform": "aws_lambda",
      "cloud.provider": "aws",
      "cloud.region": "us-east-1",
      "faas.instance": expect.stringMatching(/^[\d/]+\[\$LATEST\][0-9a-f]{32}$/) as string,
      "faas.max_memory": 128 * 1024 * 1024,
      "faas.name": "orders",
      "faas.version": "$LATEST",
      "telemetry.sdk.language": "nodejs",
    },
  };
}
