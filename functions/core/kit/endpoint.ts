import * as z from 'zod/mini';
import { field, httpUrl } from '../contract/config.ts';

/** A service's URL in the plain document: credentials inside it would be readable by everyone who may read the document. */
export function endpointUrl(): z.ZodMiniString {
  return httpUrl().check(
    z.refine((value) => {
      if (!URL.canParse(value)) return true;
      const { username, password } = new URL(value);
      return username === '' && password === '';
    }, 'expected a URL without user name and password, which belong into their own fields'),
  );
}

const tlsSettings = z.strictObject({
  ca: field(z.optional(z.string()), 'PEM certificates to trust instead of the system trust store.'),
  insecure: field(z.optional(z.boolean()), 'Accepts any certificate. For experiments only.', true),
});
const tlsSchema = z.optional(tlsSettings);
// A schema each: a description belongs to one.
const wireTlsSchema = () => z._default(z.union([z.boolean(), tlsSettings]), false);

/** The `tls` option of a sink that speaks HTTP. */
export function tlsField(): typeof tlsSchema {
  return field(tlsSchema, 'TLS settings beyond the system trust store.', { insecure: true });
}

/** The `tls` option of a sink with a wire protocol, whose addresses do not say whether TLS is spoken. */
export function wireTlsField(description: string): ReturnType<typeof wireTlsSchema> {
  return field(wireTlsSchema(), description, true);
}

/** The settings in a value of {@link wireTlsField}, as Node's TLS takes them. */
export function tlsOptions(tls: z.infer<ReturnType<typeof wireTlsSchema>>): {
  readonly ca?: string;
  readonly rejectUnauthorized: boolean;
} {
  const { ca, insecure } = typeof tls === 'object' ? tls : {};
  return { ...(ca !== undefined && { ca }), rejectUnauthorized: insecure !== true };
}
