/**
 * Service bindings and the stubs of Durable Objects, which inherit from the same class: their
 * `fetch` is a CLIENT span and carries the context on, whatever `propagateTo` says of URLs,
 * since who is bound is known and the URL means nothing.
 */
import { type FetchArguments, traceFetch } from "../../../instrument/fetch.js";
import { activeFrame } from "../../../trace/active.js";
import { quietly } from "../../../trace/quietly.js";
import { type Replacement, replaceMethods } from "../replace-methods.js";
import { bindingAttributes } from "./attributes.js";
import { nameOf, nameBinding } from "./traced.js";

export const FETCHER: Readonly<Record<string, Replacement>> = {
  fetch: (original) =>
    function (...args) {
      const tracing = activeFrame()?.scope?.tracing;
      const name = nameOf(this as object);
      const isObject = isStub(this);
      // One without a name is a part of another binding, such as D1, whose call is a span already.
      if (!tracing?.tracesFetch || !(name || isObject)) return Reflect.apply(original, this, args);
      return traceFetch({
        args: args as FetchArguments,
        tracing,
        send: (sent) => Reflect.apply(original, this, sent) as Promise<Response>,
        propagateTo: () => true,
        attributes: bindingAttributes(name, isObject ? "Durable Object" : "Service"),
      });
    },
};

/** Stubs are known by the binding that they came from; making one is no call. */
export const DURABLE_OBJECT_NAMESPACE: Readonly<Record<string, Replacement>> = {
  get: named,
  getByName: named,
};

function named(original: (this: unknown, ...args: unknown[]) => unknown): typeof original {
  return function (...args) {
    const stub = Reflect.apply(original, this, args) as object;
    quietly(() => {
      nameBinding(stub, nameOf(this as object));
      // The class that it inherits from is in no env where there are no service bindings.
      replaceMethods(Object.getPrototypeOf(stub) as object, FETCHER);
    });
    return stub;
  };
}

/** Reads the prototype alone: a stub answers to every property's name, and each answer is a call. */
function isStub(fetcher: unknown): boolean {
  const prototype = Object.getPrototypeOf(fetcher) as object | null;
  return prototype?.constructor.name === "DurableObject";
}
