/**
 * Code hooks of Lex bots, version 1 and 2.
 * @see https://docs.aws.amazon.com/lexv2/latest/dg/lambda-input-format.html
 */
import { EVENT_SOURCE, invoked } from "./invoked.js";
import type { LambdaTrigger } from "./lambda-trigger.js";

interface Event {
  bot?: { name: string };
  invocationSource: string;
}

export const lex: LambdaTrigger<Event> = {
  matches: ({ bot, invocationSource }) =>
    typeof bot?.name === "string" && typeof invocationSource === "string",
  root: ({ bot }) => invoked({ [EVENT_SOURCE]: "lex", "aws.lex.bot.name": bot?.name }),
};
