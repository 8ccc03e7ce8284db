/** The trigger of an RPC method: a call by another Worker, or of a Durable Object. */
import { KIND_SERVER } from "../../../trace/enums.js";
import { FAAS_TRIGGER, RPC_METHOD, RPC_SYSTEM_NAME } from "../../../trace/semconv.js";
import type { Carrier, Trigger } from "../../../trace/trigger.js";

export interface RpcCall {
  readonly className: string;
  readonly method: string;
  /** The context of a caller that sent one along. */
  readonly carrier: Carrier | undefined;
}

/** The name that spans have for Cloudflare's RPC, on both sides. */
export const RPC_SYSTEM = "cloudflare_rpc";

/** @see https://opentelemetry.io/docs/specs/semconv/rpc/rpc-spans/ */
export const rpcTrigger: Trigger<RpcCall> = {
  carrier({ carrier }) {
    return carrier;
  },
  root({ className, method }) {
    const name = `${className}/${method}`;
    return {
      name,
      kind: KIND_SERVER,
      attributes: { [FAAS_TRIGGER]: "other", [RPC_SYSTEM_NAME]: RPC_SYSTEM, [RPC_METHOD]: name },
    };
  },
};
