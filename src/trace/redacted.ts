/** Texts without what is secret in the URLs that they hold. */

/**
 * The parameters that carry credentials or signatures; `X-Amz-` and the like may stand before. They
 * are also found in a URL that is itself a parameter of another, and so percent-encoded. And what is
 * no JSON, as a body or a secret may be, of which the error quotes a part.
 * @see https://opentelemetry.io/docs/specs/semconv/registry/attributes/url/
 */
export const SECRET: RegExp =
  /((\b|%\w{2,6})(Signature|Credential|Security-Token|AWSAccessKeyId|sig)(=|%\w{0,4}3D))[^&\s]*|(?<=, )\.*".{0,30}(?= is not valid)/gis;

/** A user and a password, as a URL has them before its host. */
const CREDENTIALS = /\/\/[^/?# ]+@/g;

/**
 * Redacts credentials and secret parameters: of a URL, of a query, or where a message quotes one,
 * as the error does by which Node's `fetch` refuses credentials.
 */
export function redacted(text: unknown): string | undefined {
  if (typeof text !== "string") return undefined;
  return text.replace(SECRET, "$1REDACTED").replace(CREDENTIALS, "//REDACTED:REDACTED@");
}
