/**
 * Replaces methods on the prototype of a platform's object, once per isolate: every instance is
 * instrumented then, also those that a library holds, and each stays the object that it was.
 */
import { quietly } from "../../trace/quietly.js";

export interface Method {
  (this: unknown, ...args: unknown[]): unknown;
  [REPLACED]?: readonly unknown[];
}

/** Makes the method that stands in for `original`, which `holder` has. */
export type Replacement = (original: Method, holder?: object) => Method;

/**
 * Under this name a method tells which copies of the package it stands in for: each copy sees
 * its own invocations alone, so that each must have replaced the method, and none twice.
 */
const REPLACED: unique symbol = Symbol.for("edgespan.replaced");

/**
 * Replaces those of `methods` that the prototype of `instance` has. An object literal, such as a
 * stub of an application's own tests, keeps its methods on itself and is left alone, and so is
 * what cannot be replaced.
 */
export function replaceMethods(
  instance: object | undefined,
  methods: Readonly<Record<string, Replacement>> = {},
): void {
  const prototype = instance && (Object.getPrototypeOf(instance) as object | null);
  if (!prototype || prototype === Object.prototype) return;
  for (const name in methods)
    quietly(() => {
      const { value: original, ...property } = Reflect.getOwnPropertyDescriptor(
        prototype,
        name,
      ) as {
        value?: Method;
      };
      if (typeof original !== "function" || isReplaced(original)) return;
      const value = (methods[name] as Replacement)(original, instance);
      lookAlike(value, original);
      value[REPLACED] = [...(original[REPLACED] ?? []), replaceMethods];
      Object.defineProperty(prototype, name, { ...property, value });
    });
}

/** Whether this copy of the package has replaced the method. */
export function isReplaced(method: Method | undefined): boolean | undefined {
  return method?.[REPLACED]?.includes(replaceMethods);
}

/** Gives a method that stands in for another the name and length of that. */
export function lookAlike(standIn: Method, original: Method): void {
  for (const key of ["name", "length"] as const)
    Object.defineProperty(standIn, key, { configurable: true, value: original[key] });
}
