import { instrumentDurableObjectWithSentry, withSentry } from "@sentry/cloudflare";
import { instrument, instrumentDurableObject } from "edgespan/worker";
import { PlainRoom, handler, options } from "./room.ts";

export const Room = instrumentDurableObjectWithSentry(options, instrumentDurableObject(PlainRoom));
export default withSentry(options, instrument(handler));
