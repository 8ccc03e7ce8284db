/**
 * API Gateway HTTP APIs and Lambda Function URLs: payload format 2.0.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import type { LambdaTrigger } from "./lambda-trigger.js";
import { type WithHeaders, headersOf, httpRoot, recordStatusCode, routeOf } from "./http-event.js";

interface Event extends WithHeaders {
  version: string;
  routeKey?: string;
  rawPath: string;
  rawQueryString?: string;
  requestContext?: {
    http?: { method: string; protocol?: string; userAgent?: string };
    domainName?: string;
  };
}

export const apiGatewayV2: LambdaTrigger<Event> = {
  matches: ({ version, rawPath, requestContext }) =>
    version === "2.0" &&
    typeof rawPath === "string" &&
    typeof requestContext?.http?.method === "string",
  carrier: headersOf,
  root(event) {
    const { http, domainName } = event.requestContext ?? {};
    // "GET /users/{id}", or "$default" where the API knows no routes.
    const [, route] = event.routeKey?.split(" ") ?? [];
    const { method = "", protocol, userAgent } = http ?? {};
    return httpRoot(
      {
        method,
        path: event.rawPath,
        query: event.rawQueryString,
        host: domainName,
        protocol,
        route: routeOf(route),
        userAgent,
      },
      event,
    );
  },
  // A result without a status code becomes the body of a 200.
  result: (span, result) => recordStatusCode(span, result, 200),
};
