import { span } from "edgespan";
import { wrapHandler } from "edgespan/lambda";

export const handler = wrapHandler(async () => span("app.work", () => "done"));
