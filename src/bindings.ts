export { moreBindings } from "./platform/worker/bindings/more-bindings.js";
export type { BindingClasses } from "./config/options.js";
