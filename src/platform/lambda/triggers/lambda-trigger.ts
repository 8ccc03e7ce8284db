/** What every trigger of this folder is. */
import type { Carrier, Trigger } from "../../../trace/trigger.js";

/** The trigger of an event that was recognised. */
export interface Recognised<Event = unknown> extends Omit<Trigger<Event>, "carrier"> {
  carrier?(event: Event): Carrier | undefined;
  /** The X-Ray header that the event carries as its caller's. */
  xray?(event: Event): unknown;
}

/** A trigger that is recognised by the shape of its event; what `matches` throws counts as "no". */
export interface LambdaTrigger<Event> extends Recognised<Event> {
  matches(event: Event): boolean;
}
