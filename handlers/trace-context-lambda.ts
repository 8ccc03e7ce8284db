import { tracing } from "edgespan/hono";
import { wrapHandler } from "edgespan/lambda";
import { Hono } from "hono";
import { handle } from "hono/aws-lambda";
import { traceContext } from "./trace-context.ts";

const app = new Hono();
app.use(tracing());
app.route("/trace-context", traceContext);

export const handler = wrapHandler(handle(app));
