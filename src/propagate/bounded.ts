/** Keeps a propagator of another package from reading what no valid header is as long as. */
import type { TextMapPropagator } from "@opentelemetry/api";
import { adoptParent } from "./adopt-parent.js";

/** The propagator, to which a value that is longer looks as if it were missing. */
export function bounded(
  propagator: TextMapPropagator<unknown>,
  maxLength: number,
): TextMapPropagator<unknown> {
  return {
    inject(context, carrier, setter) {
      propagator.inject(context, carrier, setter);
    },
    extract(context, carrier, getter) {
      const extracted = propagator.extract(context, carrier, {
        keys: (from) => getter.keys(from),
        get(from, name) {
          const value = getter.get(from, name);
          const text = Array.isArray(value) ? value[0] : value;
          return text && text.length <= maxLength ? text : undefined;
        },
      });
      return adoptParent(context, extracted);
    },
    fields() {
      return propagator.fields();
    },
  };
}
