import type {
  APIGatewayProxyHandler,
  APIGatewayProxyHandlerV2,
  ALBHandler,
  Context,
  Handler,
  MSKEvent,
  ScheduledHandler,
  SQSEvent,
  SQSHandler,
} from "aws-lambda";
import { traceRecord, wrapHandler } from "edgespan/lambda";
import type { createFakeLambdaContext } from "edgespan/testing";
import { expectTypeOf, test } from "vitest";

test("wrapHandler takes the handler types of @types/aws-lambda and keeps them", () => {
  const api: APIGatewayProxyHandlerV2 = async (event) => ({ statusCode: 200, body: event.rawPath });
  const queue: Handler<SQSEvent, void> = async () => {};
  expectTypeOf(wrapHandler(api)).toEqualTypeOf<APIGatewayProxyHandlerV2>();
  expectTypeOf(wrapHandler(queue)).toEqualTypeOf<Handler<SQSEvent, void>>();
  expectTypeOf(wrapHandler<APIGatewayProxyHandler>).returns.toEqualTypeOf<APIGatewayProxyHandler>();
  expectTypeOf(wrapHandler<ALBHandler>).returns.toEqualTypeOf<ALBHandler>();
  expectTypeOf(wrapHandler<SQSHandler>).returns.toEqualTypeOf<SQSHandler>();
  expectTypeOf(wrapHandler<ScheduledHandler>).returns.toEqualTypeOf<ScheduledHandler>();
});

test("a wrapped function can be annotated as Lambda's handler", () => {
  const handler: Handler<{ id: string }, string> = wrapHandler(
    async (event: { id: string }) => event.id,
  );
  expectTypeOf(handler).toEqualTypeOf<Handler<{ id: string }, string>>();
});

test("the parameters of an inline handler are inferred from the annotation", () => {
  const handler: APIGatewayProxyHandlerV2 = wrapHandler(async (event, context) => {
    expectTypeOf(event.rawPath).toEqualTypeOf<string>();
    expectTypeOf(context).toEqualTypeOf<Context>();
    return { statusCode: 204 };
  });
  expectTypeOf(handler).toEqualTypeOf<APIGatewayProxyHandlerV2>();
});

test("wrapHandler takes plain functions and callback handlers and keeps their types", () => {
  const plain = async (event: { id: number }): Promise<{ id: number }> => event;
  const none = (): string => "ok";
  const callback = (
    event: { id: number },
    _context: Context,
    done: (error: Error | null, id?: number) => void,
  ): void => done(null, event.id);
  expectTypeOf(wrapHandler(plain)).toEqualTypeOf<typeof plain>();
  expectTypeOf(wrapHandler(none)).toEqualTypeOf<typeof none>();
  expectTypeOf(wrapHandler(callback)).toEqualTypeOf<typeof callback>();
});

test("traceRecord takes the records of @types/aws-lambda and answers as the work does", () => {
  const queue = async ({ Records: [record] }: SQSEvent): Promise<void> => {
    if (!record) return;
    expectTypeOf(traceRecord(record, async (active) => active.isRecording())).toEqualTypeOf<
      Promise<boolean>
    >();
  };
  const stream = ({ records }: MSKEvent): number[] =>
    Object.values(records).flatMap((group) => group.map((record) => traceRecord(record, () => 1)));
  expectTypeOf(wrapHandler(queue)).toEqualTypeOf<typeof queue>();
  expectTypeOf(wrapHandler(stream)).toEqualTypeOf<typeof stream>();
  // @ts-expect-error -- a record is an object
  expectTypeOf(traceRecord("text", () => 1)).toEqualTypeOf<number>();
});

test("options may be a function of the process's environment", () => {
  wrapHandler(
    () => {},
    (env) => {
      expectTypeOf(env).toEqualTypeOf<Record<string, string | undefined>>();
      return { service: env.AWS_LAMBDA_FUNCTION_NAME ?? "local" };
    },
  );
});

test("what is no function is refused", () => {
  // @ts-expect-error -- an object is no handler
  expectTypeOf(wrapHandler({ handler: () => {} })).not.toBeAny();
});

test("the fake context has what it has of Lambda's own", () => {
  type Fake = ReturnType<typeof createFakeLambdaContext>;
  expectTypeOf<Fake>().toExtend<Pick<Context, keyof Fake>>();
});
