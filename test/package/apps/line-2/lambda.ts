import { wrapHandler } from "edgespan/lambda";
import { parts, work } from "./parts.ts";

export const handler = wrapHandler(async () => work(() => "done"), parts);
