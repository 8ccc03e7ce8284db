/** edgespan instruments what the other library has wrapped. */
import { instrument } from "edgespan/worker";
import { handler } from "./handler.ts";
import { proxied, seen } from "./proxies.ts";
import { withSeen } from "./with-seen.ts";

export { Desk } from "./desk.ts";

export default withSeen(instrument(proxied(handler())), seen);
