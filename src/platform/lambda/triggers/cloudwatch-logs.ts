/**
 * Subscriptions of CloudWatch Logs; the lines are compressed and stay so.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-cloudwatchlogs.html
 */
import { EVENT_SOURCE, invoked } from "./invoked.js";
import type { LambdaTrigger } from "./lambda-trigger.js";

interface Event {
  awslogs?: { data: string };
}

export const cloudWatchLogs: LambdaTrigger<Event> = {
  matches: ({ awslogs }) => typeof awslogs?.data === "string",
  root: () => invoked({ [EVENT_SOURCE]: "cloudwatch_logs" }),
};
