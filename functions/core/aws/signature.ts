import { createHash, createHmac } from 'node:crypto';

/** Keys of AWS. */
export interface AwsKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Who signs, for what, and when. */
export interface Signing {
  readonly service: string;
  readonly region: string;
  readonly key: AwsKey;
  readonly date: Date;
}

export interface SignableRequest {
  readonly method: string;
  readonly url: URL;
  /** By names in lower case; all of them are signed, and `host` must be among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/**
 * The request's headers with those of its signature, AWS Signature Version 4: `x-amz-date`, `authorization` and the session's token.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 *
 * Not the SDK's: it shares modules with the SDK's search for keys, and a function would read 80 KB more at its start.
 */
export function signedHeaders(request: SignableRequest, signing: Signing): Record<string, string> {
  const { key } = signing;
  const { sessionToken } = key;
  const headers = {
    ...request.headers,
    'x-amz-date': timeOf(signing),
    ...(sessionToken && { 'x-amz-security-token': sessionToken }),
  };
  const names = Object.keys(headers).toSorted();
  const signature = signatureOf({ ...request, headers }, signing);
  const authorization = `${ALGORITHM} Credential=${key.accessKeyId}/${scopeOf(signing)}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { ...headers, authorization };
}

/** The URL of a GET request with its signature in the query, which is good for so long. */
export function presignedUrl(url: URL, signing: Signing, expiresSeconds: number): URL {
  const { key } = signing;
  const signed = new URL(url);
  const add = (name: string, value: string): void => signed.searchParams.set(`X-Amz-${name}`, value);
  if (key.sessionToken) add('Security-Token', key.sessionToken);
  add('Algorithm', ALGORITHM);
  add('Credential', `${key.accessKeyId}/${scopeOf(signing)}`);
  add('Date', timeOf(signing));
  add('Expires', String(expiresSeconds));
  add('SignedHeaders', 'host');
  add('Signature', signatureOf({ method: 'GET', url: signed, headers: { host: url.host }, body: '' }, signing));
  return signed;
}

function signatureOf({ method, url, headers, body }: SignableRequest, signing: Signing): string {
  const names = Object.keys(headers).toSorted();
  const canonical = [
    method,
    canonicalPath(url),
    canonicalQuery(url),
    ...names.map((name) => `${name}:${headers[name]?.replace(/[ \t\r\n]+/g, ' ').trim()}`),
    '',
    names.join(';'),
    sha256(body),
  ].join('\n');
  const text = [ALGORITHM, timeOf(signing), scopeOf(signing), sha256(canonical)].join('\n');
  return hmac(signingKey(signing), text).toString('hex');
}

function signingKey({ service, region, key, date }: Signing): Buffer {
  const parts = [dayOf(date), region, service, 'aws4_request'];
  return parts.reduce<Buffer>(hmac, Buffer.from(`AWS4${key.secretAccessKey}`));
}

function scopeOf({ service, region, date }: Signing): string {
  return [dayOf(date), region, service, 'aws4_request'].join('/');
}

/** Every service but S3 encodes the path once more, without empty parts. */
function canonicalPath({ pathname }: URL): string {
  const parts = pathname.split('/').filter((part) => part !== '');
  const end = pathname.endsWith('/') && parts.length > 0 ? '/' : '';
  return `/${parts.map(encoded).join('/')}${end}`;
}

function canonicalQuery({ searchParams }: URL): string {
  const pairs = [...searchParams].map(([name, value]) => [encoded(name), encoded(value)] as const);
  return pairs
    .toSorted(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map((pair) => pair.join('='))
    .join('&');
}

/** By the code of characters, which are ASCII here. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Percent-encoded by RFC 3986. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function timeOf({ date }: Signing): string {
  return date.toISOString().replace(/[-:]|\.\d+/g, '');
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10).replaceAll('-', '');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** In hexadecimal digits. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
