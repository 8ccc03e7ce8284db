/** Makes the calls of a binding by the platform's own methods and by those that stand in for them. */
import { expect } from "vitest";
import type { CollectedSpan } from "edgespan/testing";
import { traced } from "../invoke.ts";

export interface Compared {
  readonly root: CollectedSpan;
  readonly spans: CollectedSpan[];
}

/**
 * Answers a function that makes a call three times, by the platform's own methods, and by the
 * present ones outside and inside of an invocation, and asserts that what is seen is the same.
 * To be called before anything is instrumented.
 */
export function comparing<Binding extends object>(
  binding: Binding,
  env: unknown,
): (call: (target: Binding) => unknown) => Promise<Compared> {
  const bare = nativeOf(binding);
  return async (call) => {
    const expected = await seenOf(() => call(bare));
    const outside = await seenOf(() => call(binding));
    const { value: inside, root, spans } = await traced(() => seenOf(() => call(binding)), { env });
    expect(outside).toEqual(expected);
    expect(inside).toEqual(expected);
    return { root, spans };
  };
}

/** An object with the methods that the prototype has now, each bound to the binding. */
function nativeOf<Binding extends object>(binding: Binding): Binding {
  const prototype = Object.getPrototypeOf(binding) as Record<string, unknown>;
  const methods = Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const method = prototype[name];
    return typeof method === "function" ? [[name, method.bind(binding) as unknown]] : [];
  });
  return Object.fromEntries(methods) as Binding;
}

type Seen = { returned: unknown } | { thrown: unknown; at: "once" | "later" };

async function seenOf(call: () => unknown): Promise<Seen> {
  let answer: unknown;
  try {
    answer = call();
  } catch (error) {
    return { thrown: error, at: "once" };
  }
  try {
    return { returned: await contentOf(await answer) };
  } catch (error) {
    return { thrown: error, at: "later" };
  }
}

/** What a result holds, its body read; streams can be compared by nothing else. */
async function contentOf(result: unknown): Promise<unknown> {
  if (result instanceof ReadableStream) return { stream: await new Response(result).text() };
  if (result instanceof Response) return { status: result.status, body: await result.text() };
  if (typeof result !== "object" || !result || !("etag" in result)) return result;
  const { key, etag, size, range, customMetadata } = result as R2Object;
  const body = "body" in result ? await (result as R2ObjectBody).text() : undefined;
  return { class: result.constructor.name, key, etag, size, range, customMetadata, body };
}
