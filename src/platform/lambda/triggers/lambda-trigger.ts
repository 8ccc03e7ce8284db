/** What every trigger of this folder is. */
import type { Trigger } from "../../../trace/trigger.js";

/** A trigger that is recognised by the shape of its event; what `matches` throws counts as "no". */
export interface LambdaTrigger<Event> extends Trigger<Event> {
  matches(event: Event): boolean;
}
