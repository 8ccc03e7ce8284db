/**
 * Hyperdrive: a span for each socket, until it is open. Drivers that take `connectionString`
 * open their own, of which nothing is seen here.
 */
import type { Replacement } from "../replace-methods.js";
import { bindingAttributes } from "./attributes.js";
import { tracedUntil } from "./traced-until.js";

export const HYPERDRIVE: Readonly<Record<string, Replacement>> = {
  connect: tracedUntil(
    ({ binding }) => ({
      name: `connect ${binding ?? "hyperdrive"}`,
      attributes: bindingAttributes(binding, "Hyperdrive"),
    }),
    (socket) => ({ value: socket, done: (socket as { opened: Promise<unknown> }).opened }),
  ),
};
