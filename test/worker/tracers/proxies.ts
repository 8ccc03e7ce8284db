/** Stands in for the libraries that trace by Proxies over the handler, `env`, `ctx` and bindings. */
type Fetch = (request: Request, env: object, ctx: ExecutionContext) => unknown;

/** What it saw; such a library would make spans of it. */
export const seen: string[] = [];

/** A Proxy whose methods are the target's, called on the target. */
function watched<Target extends object>(target: Target, name: string): Target {
  return new Proxy(target, {
    get(from, key) {
      const value: unknown = Reflect.get(from, key);
      if (typeof value === "function")
        return (...args: unknown[]): unknown => {
          seen.push(`${name}.${String(key)}`);
          return Reflect.apply(value, from, args);
        };
      return value;
    },
  });
}

function watchedEnv(env: object): object {
  return new Proxy(env, {
    get(from, key) {
      const value: unknown = Reflect.get(from, key);
      return typeof value === "object" && value ? watched(value, String(key)) : value;
    },
  });
}

/** Wraps what a handler does, and the global `fetch` with it. */
export function proxied<Handler extends { fetch: unknown }>(handler: Handler): Handler {
  globalThis.fetch = new Proxy(globalThis.fetch, {
    apply(target, receiver, args: Parameters<typeof fetch>) {
      seen.push("fetch");
      return Reflect.apply(target, receiver, args);
    },
  });
  handler.fetch = new Proxy(handler.fetch as Fetch, {
    apply(target, receiver, [request, env, ctx]: Parameters<Fetch>) {
      return Reflect.apply(target, receiver, [request, watchedEnv(env), watched(ctx, "ctx")]);
    },
  });
  return handler;
}
