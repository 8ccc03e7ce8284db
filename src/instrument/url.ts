/** URLs as attributes, without what is secret in them. */
import { redacted } from "../trace/redacted.js";

/** The whole URL, with credentials and secret parameters redacted and without its fragment. */
export function redactedHref({ href }: { readonly href: string }): string {
  return redacted(href.replace(/#.*/, "")) as string;
}
