/** What a trigger on Workers may have beside what every trigger has. */
import type { Tracing } from "../../../trace/tracing.js";
import type { Trigger } from "../../../trace/trigger.js";

export interface WorkerTrigger<Event> extends Trigger<Event> {
  /**
   * Called before the handler, whether or not the invocation is sampled, and where tracing is
   * off too. Where it answers false the invocation is not traced.
   */
  prepare?(event: Event, tracing?: Tracing): boolean;
}
