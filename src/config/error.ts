/** The error for a wrong option or `OTEL_*` variable. */

/** Thrown at set-up when an option or variable is wrong; the message names the fix. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Builds the message `<what> <value> <fix>`. Pass no value where it may hold a secret.
 */
export function invalid(what: string, fix: string, value?: unknown): ConfigError {
  const shown = value === undefined ? "" : ` ${show(value)}`;
  return new ConfigError(`edgespan: ${what}${shown} ${fix}`);
}

/** A URL may hold credentials before its `@` and keys in its path and query, however malformed it is. */
function show(value: unknown): string {
  if (typeof value === "string" && value.includes("@")) return "(not shown)";
  if (typeof value === "string")
    return JSON.stringify(value.split(/[?#]|[^/.]{40}/)[0]?.slice(0, 100));
  return typeof value === "number" || typeof value === "boolean" ? `${value}` : `(${typeof value})`;
}
