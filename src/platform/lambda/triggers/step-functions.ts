/**
 * A task of Step Functions, on request: its input is whatever the state machine says, so that
 * nothing but the application knows that context in it is its caller's. The state machine's
 * context object may stand beside the input or, as Datadog has it, under `_datadog`.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
 */
import { carrierWithin } from "./carriers.js";
import { EVENT_SOURCE, invoked } from "./invoked.js";
import type { LambdaTrigger } from "./lambda-trigger.js";

interface ContextObject {
  traceparent?: string;
  Execution?: { Id: string };
  StateMachine?: { Id: string };
  State?: { Name: string };
}

type Event = ContextObject & { _datadog?: ContextObject };

export const stepFunctions: LambdaTrigger<Event> = {
  matches: ({ traceparent, Execution, _datadog }) =>
    Boolean(traceparent ?? _datadog ?? Execution?.Id),
  carrier: carrierWithin,
  root(event) {
    const { _datadog = event } = event;
    const { Execution, StateMachine, State } = _datadog;
    return invoked({
      [EVENT_SOURCE]: "step_functions",
      "aws.step_functions.execution.arn": Execution?.Id,
      "aws.step_functions.state_machine.arn": StateMachine?.Id,
      "aws.step_functions.state.name": State?.Name,
    });
  },
};
