/**
 * API Gateway REST APIs, and HTTP APIs with payload format 1.0.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
import type { LambdaTrigger } from "./lambda-trigger.js";
import {
  type HeaderRecord,
  type MultiHeaderRecord,
  headersOf,
  httpRoot,
  recordStatusCode,
  routeOf,
} from "./http-event.js";

interface Event {
  resource: string;
  path: string;
  httpMethod: string;
  headers: HeaderRecord;
  multiValueHeaders: MultiHeaderRecord;
  queryStringParameters?: Readonly<Record<string, string>> | null;
  multiValueQueryStringParameters?: Readonly<Record<string, readonly string[]>> | null;
  requestContext: { resourcePath?: string; protocol?: string; domainName?: string };
}

export const apiGatewayV1: LambdaTrigger<Event> = {
  matches: ({ httpMethod, path, resource, requestContext }) =>
    typeof httpMethod === "string" &&
    typeof path === "string" &&
    typeof resource === "string" &&
    Boolean(requestContext),
  carrier: (event) => headersOf(event.headers, event.multiValueHeaders),
  root(event) {
    const { resource, requestContext } = event;
    return httpRoot(
      {
        method: event.httpMethod,
        path: event.path,
        query: queryOf(event),
        host: requestContext.domainName,
        protocol: requestContext.protocol,
        route: routeOf(resource),
      },
      headersOf(event.headers, event.multiValueHeaders),
    );
  },
  result: recordStatusCode,
};

/** The event holds the parameters decoded. */
function queryOf(event: Event): string {
  const multi = Object.entries(event.multiValueQueryStringParameters ?? {});
  const pairs = multi.flatMap(([name, values]) => values.map((value) => [name, value]));
  const single = pairs.length > 0 ? pairs : Object.entries(event.queryStringParameters ?? {});
  return new URLSearchParams(single as [string, string][]).toString();
}
