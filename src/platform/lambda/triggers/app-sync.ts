/**
 * Resolvers of AppSync, one field or a batch of them.
 * @see https://docs.aws.amazon.com/appsync/latest/devguide/resolver-context-reference-js.html
 */
import { KIND_SERVER } from "../../../trace/enums.js";
import { FAAS_TRIGGER, GRAPHQL_OPERATION_TYPE } from "../../../trace/semconv.js";
import { type WithHeaders, headersOf } from "./http-event.js";
import { EVENT_SOURCE } from "./invoked.js";
import type { LambdaTrigger } from "./lambda-trigger.js";

interface Resolved {
  info?: { parentTypeName: string; fieldName: string };
  request?: WithHeaders;
}

type Event = Resolved & { 0?: Resolved };

export const appSync: LambdaTrigger<Event> = {
  matches(event) {
    const { info } = firstOf(event);
    return typeof info?.fieldName === "string" && typeof info.parentTypeName === "string";
  },
  carrier: (event) => headersOf(firstOf(event).request ?? {}),
  root(event) {
    const { parentTypeName = "", fieldName } = firstOf(event).info ?? {};
    const isRoot = /^(query|mutation|subscription)$/i.test(parentTypeName);
    return {
      name: `${parentTypeName}.${fieldName}`,
      kind: KIND_SERVER,
      attributes: {
        [FAAS_TRIGGER]: "other",
        [EVENT_SOURCE]: "appsync",
        [GRAPHQL_OPERATION_TYPE]: isRoot ? parentTypeName.toLowerCase() : undefined,
      },
    };
  },
};

function firstOf(event: Event): Resolved {
  return event[0] ?? event;
}
