/**
 * API Gateway REST APIs, and HTTP APIs with payload format 1.0.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
import type { LambdaTrigger } from "./lambda-trigger.js";
import {
  type Query,
  type WithHeaders,
  headersOf,
  httpRoot,
  parametersOf,
  recordStatusCode,
  routeOf,
} from "./http-event.js";

interface Event extends Query, WithHeaders {
  resource: string;
  path: string;
  httpMethod: string;
  requestContext: { resourcePath?: string; protocol?: string; domainName?: string };
}

export const apiGatewayV1: LambdaTrigger<Event> = {
  matches: ({ httpMethod, path, resource, requestContext }) =>
    typeof httpMethod === "string" &&
    typeof path === "string" &&
    typeof resource === "string" &&
    Boolean(requestContext),
  carrier: headersOf,
  root(event) {
    const { resource, requestContext } = event;
    return httpRoot(
      {
        method: event.httpMethod,
        path: event.path,
        // The event holds the parameters decoded.
        query: new URLSearchParams(parametersOf(event)).toString(),
        host: requestContext.domainName,
        protocol: requestContext.protocol,
        route: routeOf(resource),
      },
      event,
    );
  },
  result: recordStatusCode,
};
