/** The other library wraps what edgespan has instrumented. */
import { instrument } from "edgespan/worker";
import { handler } from "./handler.ts";
import { proxied, seen } from "./proxies.ts";
import { withSeen } from "./with-seen.ts";

export { Desk } from "./desk.ts";

export default withSeen(proxied(instrument(handler())), seen);
