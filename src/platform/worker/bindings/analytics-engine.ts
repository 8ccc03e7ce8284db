/**
 * Analytics Engine: an event on the active span for each data point, never what it holds. The
 * call answers at once and tells nothing of the writing, so that a span would have no length.
 */
import { activeContext, activeFrame } from "../../../trace/active.js";
import { spanOf } from "../../../trace/context.js";
import { quietly } from "../../../trace/quietly.js";
import type { Replacement } from "../replace-methods.js";
import { bindingAttributes } from "./attributes.js";
import { nameOf } from "./traced.js";

export const ANALYTICS_ENGINE: Readonly<Record<string, Replacement>> = {
  writeDataPoint: (original) =>
    function (...args) {
      const answer = Reflect.apply(original, this, args);
      if (activeFrame()?.scope)
        quietly(() => {
          const binding = nameOf(this as object);
          const attributes = bindingAttributes(binding, "AnalyticsEngine");
          spanOf(activeContext())?.addEvent(
            `writeDataPoint ${binding ?? "analytics_engine"}`,
            attributes,
          );
        });
      return answer;
    },
};
