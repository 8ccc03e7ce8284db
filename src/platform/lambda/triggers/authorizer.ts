/**
 * Custom authorizers of API Gateway, AppSync and IoT. They are shown a request, but what they
 * answer is no response to it.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
 */
import { EVENT_SOURCE, invoked } from "./invoked.js";
import { type HeaderRecord, headersOf } from "./http-event.js";
import type { LambdaTrigger } from "./lambda-trigger.js";

interface Event {
  /** Of API Gateway. */
  methodArn?: string;
  routeArn?: string;
  headers?: HeaderRecord;
  /** Of AppSync. */
  authorizationToken?: string;
  requestHeaders?: HeaderRecord;
  /** Of IoT. */
  protocolData?: { http?: { headers?: HeaderRecord } };
}

export const authorizer: LambdaTrigger<Event> = {
  matches: ({ methodArn, routeArn, authorizationToken, protocolData }) =>
    Boolean(methodArn ?? routeArn ?? authorizationToken ?? protocolData),
  carrier: ({ headers, requestHeaders, protocolData }) =>
    headersOf({ headers: headers ?? requestHeaders ?? protocolData?.http?.headers }),
  root: () => invoked({ [EVENT_SOURCE]: "authorizer" }),
};
