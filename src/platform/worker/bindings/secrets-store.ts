/** Secrets Store: a span for each secret that is read, never its value. */
import type { Replacement } from "../replace-methods.js";
import { bindingAttributes } from "./attributes.js";
import { traced } from "./traced.js";

export const SECRETS_STORE: Readonly<Record<string, Replacement>> = {
  get: traced(({ binding }) => ({
    name: `get ${binding ?? "secret"}`,
    attributes: bindingAttributes(binding, "SecretsStoreSecret"),
  })),
};
