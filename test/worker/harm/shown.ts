/** Shows any value as JSON that two runs of one application can be compared by. */

/** What differs from run to run is shown by its type alone. */
const VOLATILE =
  /^(uploaded|version|duration|uploadId|durableObjectId|timings|served_by_colo|modified|date|messageId|cf-ray|x-continues|traceparent|expiration|oldestMessageTimestamp)$/;

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Values that cannot be looked into: a stub answers to any property's name, and each answer is a call. */
const OPAQUE = /^(Rpc|Fetcher$|DurableObject$|Service|Loopback)/;

/** Far longer than anything here takes. */
const PATIENCE_MS = 5_000;

export async function shown(value: unknown, within: readonly unknown[] = []): Promise<unknown> {
  if (typeof value === "string" && UUID.test(value)) return ["a UUID"];
  if (typeof value === "string") return value.length > 2000 ? digest(encode(value)) : value;
  if (typeof value === "boolean" || value === null) return value;
  if ((typeof value !== "object" && typeof value !== "function") || !value)
    return Number.isInteger(value) && !Object.is(value, -0) ? value : [typeof value, text(value)];
  if (within.includes(value)) return ["circular"];
  const name = className(value);
  if (OPAQUE.test(name)) return [name, typeof value];
  const inner = (one: unknown): Promise<unknown> => shown(one, [...within, value]);
  if (Array.isArray(value)) return Promise.all(value.map(inner));
  return [name, await contentOf(value, inner), ...(Object.isFrozen(value) ? ["frozen"] : [])];
}

const text = (value: unknown): string => (Object.is(value, -0) ? "-0" : String(value));
const encode = (value: string): Uint8Array => new TextEncoder().encode(value);

export function className(value: object): string {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype ? prototype.constructor.name : "null";
}

async function digest(bytes: ArrayBuffer | ArrayBufferView): Promise<unknown> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [bytes.byteLength, [...hash].map((byte) => byte.toString(16)).join("-")];
}

type Inner = (value: unknown) => Promise<unknown>;

async function contentOf(value: object, inner: Inner): Promise<unknown> {
  if (typeof value === "function") return [value.name, value.length, ...Object.keys(value)];
  if (value instanceof Date || value instanceof RegExp || value instanceof URL) return text(value);
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return digest(value);
  if (value instanceof ReadableStream) return inner(await new Response(value).arrayBuffer());
  if (value instanceof Blob)
    return [value.type, (value as File).name, await inner(await value.arrayBuffer())];
  if (value instanceof Map || value instanceof Set || value instanceof FormData)
    return inner([...(value as Iterable<unknown>)]);
  if (value instanceof Headers)
    return inner(
      [...value]
        .filter(([name]) => !VOLATILE.test(name))
        .concat(value.getSetCookie().map((cookie) => ["cookie", cookie])),
    );
  if (value instanceof Response || value instanceof Request) return message(value, inner);
  return Object.fromEntries(
    await Promise.all(
      namesOf(value).map(async (name) => [name, await property(value, name, inner)]),
    ),
  ) as unknown;
}

async function message(value: Response | Request, inner: Inner): Promise<unknown> {
  const { headers, url, redirected, bodyUsed } = value as Response;
  const { status, statusText, webSocket, cf } = value as Response & { cf?: object };
  const { method, redirect } = value as Request;
  return [
    { url, status, statusText, redirected, bodyUsed, method, redirect, cf: Object.keys(cf ?? {}) },
    await inner(headers),
    webSocket
      ? "a socket"
      : await inner(
          await value
            .clone()
            .text()
            .catch((e: unknown) => e),
        ),
  ];
}

/** Of an error also what cannot be enumerated; a stack names files, which differ between builds. */
function namesOf(value: object): string[] {
  const own = value instanceof Error ? Object.getOwnPropertyNames(value) : Object.keys(value);
  return [...new Set([...own.toSorted(), ...(value instanceof Error ? ["name", "message"] : [])])];
}

async function property(value: object, name: string, inner: Inner): Promise<unknown> {
  const held: unknown = Reflect.get(value, name);
  if (name === "stack") return typeof held === "string" ? held.split("\n    at ")[0] : typeof held;
  return VOLATILE.test(name) ? typeof held : inner(held);
}

/** Does something, and shows what came of it and how. */
export async function attempt(work: () => unknown): Promise<unknown> {
  let answer: unknown;
  try {
    answer = work();
  } catch (error) {
    return ["threw", await shown(error)];
  }
  const how = answer instanceof Promise ? [className(answer), ...Object.keys(answer)] : [];
  try {
    return await Promise.race([
      (async () => ["returned", ...how, await shown(await answer)])(),
      scheduler.wait(PATIENCE_MS).then(() => ["hangs", ...how]),
    ]);
  } catch (error) {
    return ["rejected", ...how, await shown(error)];
  }
}

/** Things to try, by their names. */
export type Attempts = Record<string, () => unknown>;

export async function attemptAll(attempts: Attempts): Promise<Record<string, unknown>> {
  const results: Record<string, unknown> = {};
  for (const [name, work] of Object.entries(attempts)) results[name] = await attempt(work);
  return results;
}
