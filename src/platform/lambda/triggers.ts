/** The triggers that are recognised, first match first. */
import type { Trigger } from "../../trace/trigger.js";
import { quietly } from "../../trace/quietly.js";
import { alb } from "./triggers/alb.js";
import { apiGatewayV1 } from "./triggers/api-gateway-v1.js";
import { apiGatewayV2 } from "./triggers/api-gateway-v2.js";
import type { LambdaTrigger } from "./triggers/lambda-trigger.js";
import { other } from "./triggers/other.js";

const TRIGGERS = [apiGatewayV2, alb, apiGatewayV1] as readonly LambdaTrigger<unknown>[];

/** The trigger of an event; an event of unknown or hostile shape gets the default. */
export function triggerOf(event: unknown): Trigger<unknown> {
  const found = TRIGGERS.find((trigger) => quietly(() => trigger.matches(event)));
  return found && !isAuthorizer(event as object) ? found : other;
}

/** An authorizer is shown the request, but what it answers is no response to it. */
function isAuthorizer(event: object): boolean {
  return "methodArn" in event || "routeArn" in event;
}
