/** `tracing()`: Hono's routes on the server span that the platform's wrapper started. */
import type { Span } from "@opentelemetry/api";
import { matchedRoutes } from "hono/route";
import { httpSpanName } from "../instrument/http.js";
import { activeFrame } from "../trace/active.js";
import { hasFailed, recordFailure } from "../trace/failure.js";
import { quietly } from "../trace/quietly.js";
import { HTTP_ROUTE } from "../trace/semconv.js";

/** The part of Hono's `Context` that is used here. */
export interface HonoContext {
  readonly req: { readonly method: string; readonly routeIndex: number };
  readonly res: { readonly status: number };
  readonly error: Error | undefined;
}

/**
 * Middleware that names the server span after the route that answered, e.g.
 * `GET /users/:id`, and records what a handler threw. It starts no span: use it inside
 * of `instrument()` or `wrapHandler()`, first of all middleware, once for the whole app.
 *
 * @example
 * ```ts
 * const app = new Hono();
 * app.use(tracing());
 * export default instrument(app);
 * ```
 */
export function tracing(): (context: HonoContext, next: () => Promise<void>) => Promise<void> {
  return async (context, next) => {
    const root = activeFrame()?.scope?.root;
    let thrown: unknown;
    try {
      await next();
    } catch (error) {
      // Of errors only those of notFound come by here; Hono keeps the others in `context.error`.
      if (error instanceof Error) thrown = error;
      throw error;
    } finally {
      if (root?.isRecording()) quietly(() => nameAfterRoute(root, context, thrown));
    }
  };
}

function nameAfterRoute(root: Span, context: HonoContext, thrown: unknown): void {
  const { method } = context.req;
  const route = answeringRoute(context);
  if (route) {
    root.updateName(httpSpanName(method, route));
    root.setAttribute(HTTP_ROUTE, route);
  }
  // Hono turns what a handler throws into a response, so nobody further out sees it. One
  // below 500 is an answer, e.g. of `HTTPException`, and no fault of the server.
  const fault = thrown ?? (context.res.status < 500 ? undefined : context.error);
  if (fault && !hasFailed(root)) recordFailure(root, fault);
}

/**
 * The path of the route that was dispatched last. Where that is middleware, no handler
 * answered, and a pattern such as `/*` would name no route.
 */
function answeringRoute(context: HonoContext): string | undefined {
  const routes = matchedRoutes(context as Parameters<typeof matchedRoutes>[0]);
  const route = routes[context.req.routeIndex];
  return route && !isMiddleware(route) ? route.path : undefined;
}

type Route = ReturnType<typeof matchedRoutes>[number];

/** What takes `next` is middleware, unless it stands in a route of one method, as a validator does. */
function isMiddleware({ handler, method, path }: Route): boolean {
  const takesNext = innermost(handler).length > 1;
  return takesNext && (method === "ALL" || path.endsWith("*"));
}

/** The handler that `app.route()` wrapped because its sub-app has an `onError` of its own. */
function innermost(handler: Route["handler"]): Route["handler"] {
  const { __COMPOSED_HANDLER: inner } = handler as { __COMPOSED_HANDLER?: Route["handler"] };
  return inner ? innermost(inner) : handler;
}
