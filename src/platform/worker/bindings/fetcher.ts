/**
 * Service bindings and the stubs of Durable Objects, which inherit from the same class: their
 * `fetch` is a CLIENT span and carries the context on, whatever `propagateTo` says of URLs,
 * since who is bound is known and the URL means nothing.
 */
import type { Attributes } from "@opentelemetry/api";
import { type FetchArguments, traceFetch } from "../../../instrument/fetch.js";
import { activeFrame } from "../../../trace/active.js";
import { quietly } from "../../../trace/quietly.js";
import { durableObjectAttributes } from "../durable-object-id.js";
import { type Replacement, replaceMethods } from "../replace-methods.js";
import { bindingAttributes } from "./attributes.js";
import { nameBinding, nameOf } from "./traced.js";

export const FETCHER: Readonly<Record<string, Replacement>> = {
  fetch: (original) =>
    function (...args) {
      const tracing = activeFrame()?.scope?.tracing;
      const attributes = quietly(() => tracing?.tracesFetch && fetcherAttributes(this as object));
      if (!tracing || !attributes) return Reflect.apply(original, this, args);
      return traceFetch({
        args: args as FetchArguments,
        tracing,
        send: (sent) => Reflect.apply(original, this, sent) as Promise<Response>,
        propagateTo: () => true,
        attributes,
      });
    },
};

/**
 * Tells which binding it is, or which object of a binding. One without a name, unless it is the
 * stub of an object, is a part of another binding, such as D1, whose call is a span already.
 */
export function fetcherAttributes(fetcher: object): Attributes | undefined {
  const name = nameOf(fetcher);
  if (!isStub(fetcher)) return name ? bindingAttributes(name, "Service") : undefined;
  return {
    ...bindingAttributes(name, "Durable Object"),
    ...durableObjectAttributes((fetcher as DurableObjectStub).id),
  };
}

interface DurableObjectStub {
  readonly id: Parameters<typeof durableObjectAttributes>[0];
}

/** Reads the prototype alone: a stub answers to every property's name, and each answer is a call. */
function isStub(fetcher: object): boolean {
  const prototype = Object.getPrototypeOf(fetcher) as object | null;
  return prototype?.constructor.name === "DurableObject";
}

/** Stubs are known by the binding that they came from; making one is no call. */
export const DURABLE_OBJECT_NAMESPACE: Readonly<Record<string, Replacement>> = {
  get: named,
  getByName: named,
  jurisdiction: named,
};

function named(original: (this: unknown, ...args: unknown[]) => unknown): typeof original {
  return function (...args) {
    const got = Reflect.apply(original, this, args) as object;
    quietly(() => {
      nameBinding(got, nameOf(this as object));
      // A Worker without a service binding meets the class that has `fetch` here first.
      replaceMethods(Object.getPrototypeOf(got) as object, FETCHER);
    });
    return got;
  };
}
