import { createHash, createHmac } from 'node:crypto';

/** What AWS would compute for `X-Amz-Signature` of a presigned GET: Signature Version 4, written from its specification. */
export function presignedSignature(url: URL, secretKey: string): string {
  const query = [...url.searchParams].filter(([name]) => name !== 'X-Amz-Signature');
  const canonicalQuery = query
    .map((pair) => pair.map(encodeURIComponent).join('='))
    .toSorted((a, b) => (a < b ? -1 : 1))
    .join('&');
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
  const request = ['GET', url.pathname, canonicalQuery, `host:${url.host}`, '', 'host', sha256('')].join('\n');
  const [, ...scope] = (url.searchParams.get('X-Amz-Credential') ?? '').split('/');
  const toSign = ['AWS4-HMAC-SHA256', url.searchParams.get('X-Amz-Date'), scope.join('/'), sha256(request)].join('\n');
  const mac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const key = scope.reduce<string | Buffer>(mac, `AWS4${secretKey}`);
  return mac(key, toSign).toString('hex');
}
