/**
 * What the name of a header is made of, and the key of a baggage member, to which `%` belongs as
 * any other character does.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
 */
export const TOKEN: RegExp = /^[\w!#$%&'*+.^`|~-]+$/;
