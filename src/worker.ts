export { type EnvOf, instrument } from "./platform/worker/instrument.js";
export { instrumentDurableObject } from "./platform/worker/instrument-durable-object.js";
export { instrumentEntrypoint } from "./platform/worker/instrument-entrypoint.js";
