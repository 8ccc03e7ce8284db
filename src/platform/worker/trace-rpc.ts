/** `traceRpc()`: calls of RPC methods by a Worker, as CLIENT spans. */
import { activeContext, activeFrame } from "../../trace/active.js";
import { contextWith } from "../../trace/context.js";
import { KIND_CLIENT } from "../../trace/enums.js";
import { quietly } from "../../trace/quietly.js";
import { isThenable } from "../../trace/settle.js";
import { recordFailure } from "../../trace/failure.js";
import type { Scope } from "../../trace/scope.js";
import { RPC_METHOD, RPC_SYSTEM_NAME } from "../../trace/semconv.js";
import { OWN, startSpan } from "../../trace/start-span.js";
import { fetcherAttributes } from "./bindings/fetcher.js";
import { nameOf } from "./bindings/traced.js";
import { type Fields, CONTINUE, isUnableToContinue } from "./rpc-context.js";
import { PROMISED, type Pipelined, withFallback } from "./rpc-fallback.js";
import { RPC_SYSTEM } from "./triggers/rpc.js";

export interface RpcOptions {
  /**
   * Whether the receiver continues the caller's trace, for which its class must be instrumented
   * with edgespan. Default `false`.
   *
   * The call goes to a method by which instrumented classes take a context, so that no
   * receiver ever sees an argument more. One that lacks it refuses before anything has run; the
   * call is then made once more, as it was written, and later calls are so from the start.
   * Do not use it for a receiver that answers to every method's name.
   *
   * What is returned is then not the platform's own promise but one that may be awaited,
   * disposed and pipelined on alike. Calls with a stream, a request, a response or a stub among
   * their arguments carry no context, because such an argument may be sent only once.
   */
  readonly propagate?: boolean;
}

/** The names that are the stub's own, and no methods of its receiver. */
const OWN_METHODS = /^(fetch|connect|dup)$/;

/**
 * Answers a stand-in for a service binding or a Durable Object's stub, through which each call
 * of an RPC method is a CLIENT span. Arguments and results are the platform's own, so that
 * functions, `RpcTarget`s and pipelining (`stub.counter().increment()`) work as they did.
 *
 * A rejection that nobody handles is not reported as such, because the span has seen it. The
 * stand-in itself cannot be sent as an argument of another call; send the stub.
 *
 * @param stub a service binding, a Durable Object's stub, or a stub that a call returned
 */
export function traceRpc<Stub extends object>(stub: Stub, options: RpcOptions = {}): Stub {
  return new Proxy(stub, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== "function" || key in Object.prototype || Object.hasOwn(target, key))
        return value;
      if (typeof key === "symbol" || OWN_METHODS.test(key))
        return (...args: unknown[]) => Reflect.apply(value, target, args) as unknown;
      return methodOf(target, key, value as Pipelined, options.propagate === true);
    },
  });
}

/** A method of the receiver, or a property of it that is awaited or has methods itself. */
function methodOf(target: object, name: string, method: Pipelined, propagates: boolean): Pipelined {
  return new Proxy(method, {
    get(_method, key) {
      const inner: unknown = Reflect.get(method, key);
      if (typeof inner !== "function" || !PROMISED.test(String(key))) return inner;
      return (...args: unknown[]) => Reflect.apply(inner, method, args) as unknown;
    },
    apply(_method, _this, args: unknown[]) {
      const scope = activeFrame()?.scope;
      if (!scope) return Reflect.apply(method, target, args);
      return callTraced(scope, { target, method, name, args, propagates });
    },
  });
}

interface RpcCall {
  readonly target: object;
  readonly method: Pipelined;
  readonly name: string;
  readonly args: unknown[];
  readonly propagates: boolean;
}

function callTraced(scope: Scope, call: RpcCall): unknown {
  const { target, name } = call;
  const bound = nameOf(target);
  const told = bound ? `${bound}/${name}` : name;
  const attributes = {
    ...quietly(() => fetcherAttributes(target)),
    [RPC_SYSTEM_NAME]: RPC_SYSTEM,
    [RPC_METHOD]: told,
  };
  const span = startSpan(scope, OWN, told, { kind: KIND_CLIENT, attributes }, activeContext());
  const failed = (error: unknown): void => {
    recordFailure(span, error);
    span.end();
  };
  try {
    const fields: Fields = {};
    const { propagator } = scope.tracing;
    if (call.propagates)
      quietly(() =>
        propagator.inject(contextWith(activeContext(), span), fields, {
          set(carrier, field, value) {
            (carrier as Fields)[field] = value;
          },
        }),
      );
    const result = Object.keys(fields).length > 0 ? callWith(fields, call) : send(call);
    // No promise of the language's, and to be handed on as it is, for it can be pipelined on.
    if (isThenable(result)) result.then(() => span.end(), failed);
    else span.end();
    return result;
  } catch (error) {
    failed(error);
    throw error;
  }
}

function send({ target, method, args }: RpcCall): unknown {
  return Reflect.apply(method, target, args);
}

/** The calls that receivers have refused to continue, by binding and method. */
const refused = new Set<string>();

function callWith(fields: Fields, call: RpcCall): unknown {
  const { target, name, args } = call;
  const bound = nameOf(target);
  const known = `${bound}/${name}`;
  if ((bound && refused.has(known)) || args.some(isSentOnce)) return send(call);
  const continued = Reflect.get(target, CONTINUE) as Pipelined | undefined;
  // A stand-in of an application's own tests may have its methods only.
  if (!continued) return send(call);
  return withFallback(Reflect.apply(continued, target, [fields, name, args]), (error) => {
    if (!isUnableToContinue(error)) return undefined;
    if (bound) refused.add(known);
    return () => send(call) as Pipelined;
  });
}

/** Whether an argument is used up, or may be, by being sent. */
function isSentOnce(value: unknown): boolean {
  if ((typeof value !== "object" && typeof value !== "function") || !value) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  // Of the prototype: a stub answers to every property's name.
  return /^(Readable|Writable|Request$|Response$|Rpc(Stub|Promise|Property)$|Fetcher$|DurableObject$)/.test(
    prototype?.constructor.name ?? "",
  );
}
