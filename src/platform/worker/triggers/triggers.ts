/** The handlers that the platform invokes, each with its trigger. */
import type { Trigger } from "../../../trace/trigger.js";
import { fetchTrigger } from "./fetch.js";
import { scheduledTrigger } from "./scheduled.js";

/** By the name of the handler; the event is its first argument. */
export const TRIGGERS: Readonly<Record<string, Trigger<never>>> = {
  fetch: fetchTrigger,
  scheduled: scheduledTrigger,
};
