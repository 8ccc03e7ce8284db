/**
 * Application Load Balancer targets, with single or multi-value headers.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
 */
import type { LambdaTrigger } from "./lambda-trigger.js";
import {
  type Query,
  type WithHeaders,
  headersOf,
  httpRoot,
  parametersOf,
  recordStatusCode,
} from "./http-event.js";

interface Event extends Query, WithHeaders {
  requestContext?: { elb?: { targetGroupArn: string } };
  httpMethod: string;
  path: string;
}

export const alb: LambdaTrigger<Event> = {
  matches: ({ httpMethod, path, requestContext }) =>
    typeof httpMethod === "string" &&
    typeof path === "string" &&
    typeof requestContext?.elb?.targetGroupArn === "string",
  carrier: headersOf,
  root: (event) =>
    httpRoot(
      { method: event.httpMethod, path: event.path, query: queryOf(event), protocol: undefined },
      event,
    ),
  result: recordStatusCode,
};

/** The load balancer hands the parameters on as they were sent, still encoded. */
function queryOf(event: Event): string {
  return parametersOf(event)
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}
