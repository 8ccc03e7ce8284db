/**
 * Checks what an export is sent to and with. These run in production too, because the
 * values come from secrets and variables of the deployment.
 */
import { quietly } from "../trace/quietly.js";
import { TOKEN } from "../trace/token.js";
import { invalid } from "./error.js";

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-5.5 */
// oxlint-disable-next-line no-control-regex -- a tab is the one control character that is allowed
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

export function isUrl(value: unknown): value is string {
  // Not by `URL.canParse`, which workerd lacks before compatibility date 2022-10-31.
  return typeof value === "string" && /^https?:/i.test(value) && !!quietly(() => new URL(value));
}

/** The URL, if it is absolute and holds no credentials: `fetch` refuses those, and shows them. */
export function checkedUrl(what: string, value: unknown, example: string): string {
  if (!isUrl(value)) throw invalid(what, `must be absolute, e.g. ${example}`, value);
  const { username, password } = new URL(value);
  if (!username && !password) return value;
  throw invalid(what, "must hold no credentials; use headers");
}

/**
 * The headers with lower-case names, so that one source replaces another's header instead of
 * adding to it. Refuses what HTTP cannot carry; a transport's own error would show the value.
 */
export function checkedHeaders(
  what: string,
  headers: Readonly<Record<string, unknown>> = {},
): Record<string, string> {
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    // A name that is none may be a secret whose "=" was taken for the separator.
    const named = TOKEN.test(name) ? `${what}["${name}"]` : what;
    if (named === what || typeof value !== "string" || !FIELD_VALUE.test(value))
      throw invalid(named, "must be a valid header");
    checked[name.toLowerCase()] = value;
  }
  return checked;
}
