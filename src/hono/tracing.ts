/** `tracing()`: Hono's routes on the server span that the platform's wrapper started. */
import type { Span } from "@opentelemetry/api";
import { matchedRoutes } from "hono/route";
import { httpSpanName } from "../instrument/http.js";
import { activeFrame } from "../trace/active.js";
import { recordFailure } from "../trace/failure.js";
import { quietly } from "../trace/quietly.js";
import { HTTP_ROUTE } from "../trace/semconv.js";

/** The part of Hono's `Context` that is used here. */
export interface HonoContext {
  readonly req: { readonly method: string; readonly routeIndex: number };
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
    try {
      await next();
    } finally {
      if (root?.isRecording()) quietly(() => nameAfterRoute(root, context));
    }
  };
}

function nameAfterRoute(root: Span, context: HonoContext): void {
  const { method } = context.req;
  const route = answeringRoute(context);
  if (route) {
    root.updateName(httpSpanName(method, route));
    root.setAttribute(HTTP_ROUTE, route);
  }
  // Hono turns what a handler throws into a response, so nobody further out sees it.
  if (context.error && !isClientError(context.error)) recordFailure(root, context.error);
}

/**
 * The path of the route that was dispatched last. Where that is middleware, no handler
 * answered, and a pattern such as `/*` would name no route.
 */
function answeringRoute(context: HonoContext): string | undefined {
  const routes = matchedRoutes(context as Parameters<typeof matchedRoutes>[0]);
  const route = routes[context.req.routeIndex];
  return route && route.handler.length < 2 ? route.path : undefined;
}

/** An `HTTPException` below 500 is an answer, not a fault of the server. */
function isClientError(error: Error): boolean {
  const { status } = error as { status?: unknown };
  return typeof status === "number" && status < 500;
}
