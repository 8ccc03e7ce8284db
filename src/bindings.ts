export { moreBindings } from "./platform/worker/bindings/more-bindings.js";
export { webSockets } from "./platform/worker/bindings/web-sockets.js";
export type { BindingClasses } from "./config/instrument-options.js";
