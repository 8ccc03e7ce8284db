export { b3, b3multi } from "./propagate/b3.js";
export { jaeger } from "./propagate/jaeger.js";
export { xray, xrayLambda as "xray-lambda" } from "./propagate/xray.js";
