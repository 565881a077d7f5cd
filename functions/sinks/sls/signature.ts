import { createHash, createHmac } from 'node:crypto';

export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Names in lower case; `content-type`, `host`, `x-log-*` and `x-acs-*` are signed, `x-log-date` must be there. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bodySha256: string;
}

/** The Authorization header of SLS' signature version 4. https://www.alibabacloud.com/help/en/sls/developer-reference/request-signatures */
export function authorization(
  request: SignedRequest,
  key: { readonly id: string; readonly secret: string; readonly region: string },
): string {
  const { method, path, query = {}, headers, bodySha256 } = request;
  const signed = Object.entries(headers)
    .filter(([name]) => name === 'content-type' || name === 'host' || /^x-(log|acs)-/.test(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const canonical = [
    method,
    path,
    Object.entries(query)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => (value === '' ? name : `${name}=${encodeURIComponent(value)}`))
      .join('&'),
    signed.map(([name, value]) => `${name}:${value}\n`).join(''),
    signed.map(([name]) => name).join(';'),
    bodySha256,
  ].join('\n');
  const time = headers['x-log-date'] ?? '';
  const scope = [time.slice(0, 8), key.region, 'sls', 'aliyun_v4_request'];
  const text = ['SLS4-HMAC-SHA256', time, scope.join('/'), sha256(canonical)].join('\n');
  const signingKey = scope.reduce<string | Buffer>(hmac, `aliyun_v4${key.secret}`);
  return `SLS4-HMAC-SHA256 Credential=${key.id}/${scope.join('/')},Signature=${hmac(signingKey, text).toString('hex')}`;
}

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
