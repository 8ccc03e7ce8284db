/**
 * Triggers of Cognito user pools.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html
 */
import { EVENT_SOURCE, invoked } from "./invoked.js";
import type { LambdaTrigger } from "./lambda-trigger.js";

interface Event {
  triggerSource: string;
  userPoolId: string;
}

export const cognito: LambdaTrigger<Event> = {
  matches: ({ triggerSource, userPoolId }) =>
    typeof triggerSource === "string" && typeof userPoolId === "string",
  root: ({ triggerSource }) =>
    invoked({ [EVENT_SOURCE]: "cognito", "aws.cognito.trigger_source": triggerSource }),
};
