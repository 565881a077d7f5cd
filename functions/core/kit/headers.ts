import * as z from 'zod/mini';

/** RFC 9110 token characters; a header name that Node would refuse is a mistake to report, not to throw on. */
export function headerName(): z.ZodMiniString {
  return z.string().check(z.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'expected a header name such as X-Team'));
}

export function headerValue(): z.ZodMiniString {
  return z.string().check(z.regex(/^[\t\x20-\x7E]*$/, 'expected printable ASCII on one line'));
}
