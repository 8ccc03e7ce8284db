/** What is written on the envelope of a call that carries nothing but a body. */
import type { Context, TextMapSetter } from "@opentelemetry/api";
import type { Fields } from "../../../propagate/envelope.js";
import type { Tracing } from "../../../trace/tracing.js";

const setter: TextMapSetter<Fields> = {
  set(fields, name, value) {
    fields[name] = value;
  },
};

/** Nothing for a binding whose calls are not to carry context. */
export function fieldsFor(
  binding: string | undefined,
  context: Context,
  { propagator, envelopesFor }: Tracing,
): Fields | undefined {
  if (!binding || !envelopesFor.includes(binding)) return undefined;
  const fields: Fields = {};
  propagator.inject(context, fields, setter);
  return Object.keys(fields).length > 0 ? fields : undefined;
}
