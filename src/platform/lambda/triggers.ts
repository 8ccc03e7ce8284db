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
  const isObject = typeof event === "object" && event !== null;
  if (!isObject) return other;
  return TRIGGERS.find((trigger) => quietly(() => trigger.matches(event))) ?? other;
}
