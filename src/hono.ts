export { type HonoContext, tracing } from "./hono/tracing.js";
