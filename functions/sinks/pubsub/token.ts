import { sign } from 'node:crypto';
import * as z from 'zod/mini';
import { parseReply } from '../../core/kit/json.ts';

export interface ServiceAccount {
  readonly client_email: string;
  readonly private_key_id?: string | undefined;
  /** PEM. */
  readonly private_key: string;
}

const keyFile = z.object({
  client_email: z.string().check(z.regex(/^[^@\s]+@[^@\s]+$/)),
  private_key_id: z.optional(z.string()),
  private_key: z._default(z.string(), ''),
});

/** What is needed of a key file; undefined if the text is none. */
export function serviceAccountOf(text: string): ServiceAccount | undefined {
  return parseReply(keyFile, text);
}

const LIFETIME_SECONDS = 3600;

/**
 * A token that a service account signs for itself, which Pub/Sub takes without an exchange for another.
 * https://developers.google.com/identity/protocols/oauth2/service-account#jwt-auth
 * @throws {Error} if the private key is none
 */
export function bearerToken(
  { client_email: email, private_key_id: kid, private_key: key }: ServiceAccount,
  now: Date,
): string {
  const issued = Math.floor(now.getTime() / 1000);
  const header = { alg: 'RS256', typ: 'JWT', ...(kid !== undefined && { kid }) };
  const claims = {
    iss: email,
    sub: email,
    aud: 'https://pubsub.googleapis.com/',
    iat: issued,
    exp: issued + LIFETIME_SECONDS,
  };
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${sign('RSA-SHA256', Buffer.from(text), key).toString('base64url')}`;
}
