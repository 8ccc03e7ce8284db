export { b3, b3multi } from "./propagate/b3.js";
export { jaeger } from "./propagate/jaeger.js";
export { xray } from "./propagate/xray.js";
