/**
 * Application Load Balancer targets, with single or multi-value headers.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
 */
import type { LambdaTrigger } from "./lambda-trigger.js";
import {
  type HeaderRecord,
  type MultiHeaderRecord,
  headersOf,
  httpRoot,
  recordStatusCode,
} from "./http-event.js";

interface Event {
  requestContext: { elb: { targetGroupArn: string } };
  httpMethod: string;
  path: string;
  headers?: HeaderRecord;
  multiValueHeaders?: MultiHeaderRecord;
  queryStringParameters?: Readonly<Record<string, string>>;
  multiValueQueryStringParameters?: Readonly<Record<string, readonly string[]>>;
}

export const alb: LambdaTrigger<Event> = {
  matches: ({ httpMethod, path, requestContext }) =>
    typeof httpMethod === "string" &&
    typeof path === "string" &&
    typeof requestContext.elb.targetGroupArn === "string",
  carrier: (event) => headersOf(event.headers, event.multiValueHeaders),
  root: (event) =>
    httpRoot(
      { method: event.httpMethod, path: event.path, query: queryOf(event), protocol: undefined },
      headersOf(event.headers, event.multiValueHeaders),
    ),
  result: recordStatusCode,
};

/** The load balancer hands the parameters on as they were sent, still encoded. */
function queryOf(event: Event): string {
  const multi = event.multiValueQueryStringParameters ?? {};
  const single = Object.entries(event.queryStringParameters ?? {});
  const pairs = Object.entries(multi).flatMap(([name, values]) =>
    values.map((value): [string, string] => [name, value]),
  );
  return [...single, ...pairs].map(([name, value]) => `${name}=${value}`).join("&");
}
