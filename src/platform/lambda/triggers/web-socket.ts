/**
 * API Gateway WebSocket APIs. Only the request that connects has headers.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html
 */
import { KIND_SERVER } from "../../../trace/enums.js";
import { FAAS_TRIGGER } from "../../../trace/semconv.js";
import { type WithHeaders, headersOf, recordStatusCode } from "./http-event.js";
import type { LambdaTrigger } from "./lambda-trigger.js";

interface Event extends WithHeaders {
  requestContext?: {
    eventType?: string;
    routeKey?: string;
    domainName?: string;
  };
}

export const webSocket: LambdaTrigger<Event> = {
  matches: ({ requestContext }) =>
    typeof requestContext?.routeKey === "string" && typeof requestContext.eventType === "string",
  carrier: headersOf,
  root({ requestContext }) {
    const { routeKey = "", eventType, domainName } = requestContext ?? {};
    return {
      name: routeKey,
      kind: KIND_SERVER,
      attributes: {
        [FAAS_TRIGGER]: "http",
        "server.address": domainName,
        "aws.api_gateway.websocket.event_type": eventType,
      },
    };
  },
  result: recordStatusCode,
};
