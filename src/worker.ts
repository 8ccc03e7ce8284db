export { type EnvOf, instrument } from "./platform/worker/instrument.js";
