/** Texts without what is secret in the URLs that they hold. */

/**
 * Query parameters that carry credentials or signatures.
 * @see https://opentelemetry.io/docs/specs/semconv/registry/attributes/url/
 */
const SECRET =
  /(^|[?&])(X-Amz-Signature|X-Amz-Credential|X-Amz-Security-Token|AWSAccessKeyId|Signature|sig|X-Goog-Signature)=[^&\s]*/gi;

/**
 * Redacts credentials and secret parameters: of a URL, of a query, or where a message quotes one,
 * as the error does by which Node's `fetch` refuses credentials.
 */
export function redacted(text: unknown): string | undefined {
  return (text as Partial<string> | null | undefined)
    ?.replace?.(SECRET, "$1$2=REDACTED")
    .replace(/\/\/[^/?#\s]+@/g, "//REDACTED:REDACTED@");
}
