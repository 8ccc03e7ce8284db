import middy from "@middy/core";
import type { APIGatewayProxyEventV2, Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { tracing } from "edgespan/middy";
import { expectTypeOf, test } from "vitest";

test("tracing() is a middleware of Middy", () => {
  expectTypeOf(tracing()).toExtend<middy.MiddlewareObj>();
  expectTypeOf(tracing()).toExtend<middy.MiddlewareObj<SQSEvent, SQSBatchResponse>>();
});

test("Middy takes it, alone and before others, and the handler keeps its types", () => {
  middy<SQSEvent, SQSBatchResponse>()
    .use(tracing({ service: "shop" }))
    .handler(async (event, context) => {
      expectTypeOf(event).toEqualTypeOf<SQSEvent>();
      expectTypeOf(context).toExtend<Context>();
      return { batchItemFailures: [] };
    });
  const other: middy.MiddlewareObj<APIGatewayProxyEventV2> = { before: () => {} };
  middy<APIGatewayProxyEventV2>()
    .use([tracing(), other])
    .use(tracing((env) => ({ service: env.AWS_LAMBDA_FUNCTION_NAME ?? "local" })))
    .handler(async (event) => {
      expectTypeOf(event.rawPath).toEqualTypeOf<string>();
      return { statusCode: 200 };
    });
});
