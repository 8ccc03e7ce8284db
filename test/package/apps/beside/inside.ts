import { instrumentDurableObjectWithSentry, withSentry } from "@sentry/cloudflare";
import { instrument, instrumentDurableObject } from "edgespan/worker";
import { PlainRoom, handler, options } from "./room.ts";

export const Room = instrumentDurableObject(instrumentDurableObjectWithSentry(options, PlainRoom));
export default instrument(withSentry(options, handler));
