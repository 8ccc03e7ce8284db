/** The ways in which an application may come by a method and call it. */
import { type Attempts } from "./shown.ts";

type Method = (...args: unknown[]) => unknown;
type Held = Record<string, Method>;

/** Calls `target[name]` plainly, borrowed, bound, on a wrong `this`, as a callback, and wrongly. */
export function everyWay(
  label: string,
  target: object,
  name: string,
  args: () => unknown[],
): Attempts {
  const held = target as Held;
  const method: Method = Reflect.get(target, name) as Method;
  const apply = (receiver: unknown) => Reflect.apply(method, receiver, args());
  const ways: Attempts = {
    plainly: () => held[name]?.(...args()),
    "taken off": () => {
      const { [name]: taken } = held;
      return taken?.(...args());
    },
    bound: () => method.bind(target)(...args()),
    borrowed: () => (Object.getPrototypeOf(target) as Held)[name]?.call(target, ...args()),
    "on nothing": () => apply(undefined),
    "on null": () => apply(null),
    "on a number": () => apply(7),
    "on another object": () => apply({}),
    "on one that inherits": () => apply(Object.create(target)),
    "on its prototype": () => apply(Object.getPrototypeOf(target)),
    "in a Proxy": () => (new Proxy(target, {}) as Held)[name]?.(...args()),
    "as a callback": () => Promise.all([args()[0]].map(method, target)),
    "of a promise": () => Promise.resolve(args()[0]).then(method.bind(target)),
    "without arguments": () => held[name]?.(),
    "with more arguments": () => held[name]?.(...args(), undefined, { unknown: true }),
    "with wrong arguments": () => held[name]?.(Symbol("wrong"), 1n),
    "by new": () => Reflect.construct(method, args()),
    looks: () => looks(target, name),
    kind: () => kind(method),
  };
  return Object.fromEntries(Object.entries(ways).map(([way, work]) => [`${label} ${way}`, work]));
}

/** What can be told of a method without calling it. */
export function looks(target: object, name: string): unknown[] {
  let holder: object | null = target;
  while (holder && !Object.hasOwn(holder, name)) holder = Object.getPrototypeOf(holder) as object;
  const { value, get, ...flags } = Object.getOwnPropertyDescriptor(holder ?? {}, name) ?? {};
  const method = (value ?? (target as Held)[name]) as object;
  return [
    typeof method,
    (method as Method).name,
    (method as Method).length,
    Object.keys(method),
    { ...flags, getter: typeof get, own: holder === target },
    method === (target as Held)[name],
  ];
}

/** What kind of a function it is. */
export function kind(method: object): unknown[] {
  return [Object.getOwnPropertyNames(method), Object.prototype.toString.call(method)];
}

type Table = Record<string, () => unknown[]>;

/** Calls each method of a table in every way, with the arguments that the table makes. */
export function methodsOf(label: string, target: object, table: Table): Attempts {
  const ways = Object.entries(table).map(([name, args]) =>
    everyWay(`${label}.${name}`, target, name, args),
  );
  return Object.assign({}, ...ways) as Attempts;
}
