/**
 * An RPC call that is made in another way where its receiver refuses the first. What is answered
 * can be awaited, disposed and pipelined on, as what the platform answers can; what is pipelined
 * on a call that was refused is pipelined on the second.
 */

/** What the platform answers to a call or for a property: a promise that is a function. */
export interface Pipelined extends PromiseLike<unknown> {
  (...args: unknown[]): Pipelined;
  readonly [name: string]: unknown;
  [Symbol.dispose]?(): void;
}

/** Answers how to make the call again; nothing where the error is one to tell the caller. */
export type Again = (error: unknown) => (() => Pipelined) | undefined;

/** Answers for `first`, a call that is under way. */
export function withFallback(first: Pipelined, again: Again): Pipelined {
  let second: Pipelined | undefined;
  const againOnce: Again = (error) => {
    const make = again(error);
    return make && (() => (second ??= make()));
  };
  // At once, so that what nobody awaits is made again, too.
  const settled = settle(first, againOnce);
  return new Proxy(first, {
    get(_first, name) {
      if (name === Symbol.dispose)
        return () => {
          first[Symbol.dispose]?.();
          second?.[Symbol.dispose]?.();
        };
      return memberOf(name, first, againOnce, () => settled);
    },
    apply(_first, _this, args: unknown[]) {
      return applied(first, againOnce, args);
    },
  });
}

/** A property of what a call returns, which may be awaited, called, or have properties itself. */
function propertyOf(first: Pipelined, again: Again): Pipelined {
  return new Proxy(first, {
    get(_first, name) {
      // A property is asked for when it is awaited, and not before.
      return memberOf(name, first, again, () => settle(first, again));
    },
    apply(_first, _this, args: unknown[]) {
      return applied(first, again, args);
    },
  });
}

/** What a promise is by; on the platform's each needs its own promise as `this`. */
export const PROMISED: RegExp = /^(then|catch|finally)$/;

function memberOf(
  name: string | symbol,
  first: Pipelined,
  again: Again,
  settled: () => Promise<unknown>,
): unknown {
  if (typeof name === "symbol") return Reflect.get(first, name);
  if (PROMISED.test(name)) {
    const promise = settled();
    const member = promise[name as "then"];
    return (...args: unknown[]) => Reflect.apply(member, promise, args) as unknown;
  }
  return propertyOf(first[name] as Pipelined, (error) => {
    const make = again(error);
    return make && (() => make()[name] as Pipelined);
  });
}

function applied(first: Pipelined, again: Again, args: unknown[]): Pipelined {
  return withFallback(Reflect.apply(first, undefined, args), (error) => {
    const make = again(error);
    return make && (() => Reflect.apply(make(), undefined, args));
  });
}

async function settle(first: Pipelined, again: Again): Promise<unknown> {
  try {
    return await first;
  } catch (error) {
    const make = again(error);
    if (!make) throw error;
    return make();
  }
}
