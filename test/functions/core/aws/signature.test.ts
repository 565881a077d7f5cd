import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { presignedUrl, signedHeaders, type Signing } from '../../../../functions/core/aws/signature.ts';

/** Node's SHA-256 as the SDK's signer asks for it. */
class Sha256 {
  readonly #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    const key = typeof secret === 'string' ? secret : secret && Buffer.from(bytesOf(secret));
    this.#hash = key === undefined ? createHash('sha256') : createHmac('sha256', key);
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(typeof data === 'string' ? data : bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {}
}

function bytesOf(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

const word = fc.stringMatching(/^[a-z][a-z0-9-]{1,12}$/);
const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const signing: fc.Arbitrary<Signing> = fc.record({
  service: word,
  region: word,
  key: fc.record(
    { accessKeyId: word, secretAccessKey: text, sessionToken: fc.base64String({ minLength: 4 }) },
    { requiredKeys: ['accessKeyId', 'secretAccessKey'] },
  ),
  date: fc.date({ min: new Date('2020-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
});
const url = fc
  .tuple(
    word,
    fc.array(fc.oneof(text, fc.constantFrom('', '.', '..', 'a b', '*')), { maxLength: 4 }),
    fc.array(fc.tuple(text, text), { maxLength: 4 }),
  )
  .map(([host, path, query]) => {
    const made = new URL(`https://${host}.example.com:8443/${path.map(encodeURIComponent).join('/')}`);
    for (const [name, value] of query) made.searchParams.append(`q${name}`, value);
    return made;
  });

function signer({ service, region, key }: Signing): SignatureV4 {
  return new SignatureV4({ service, region, credentials: key, sha256: Sha256, applyChecksum: false });
}

function partsOf(address: URL) {
  const { protocol, hostname, pathname: path, searchParams } = address;
  const query = Object.fromEntries([...searchParams.keys()].map((name) => [name, searchParams.getAll(name)]));
  return { protocol, hostname, path, query };
}

test("a request is signed as the SDK's signer signs it", async () => {
  const value = fc.stringMatching(/^[!-~ \t]{0,20}$/);
  await fc.assert(
    fc.asyncProperty(
      signing,
      url,
      fc.constantFrom('GET', 'POST', 'PUT'),
      fc.dictionary(fc.stringMatching(/^x-[a-z]{1,8}$/), value),
      fc.oneof(fc.string({ unit: 'grapheme' }), fc.uint8Array()),
      async (by, address, method, extra, body) => {
        const headers = { host: address.host, 'content-type': 'application/x-amz-json-1.0', ...extra };
        const expected = await signer(by).sign(
          { method, ...partsOf(address), headers, body },
          { signingDate: by.date },
        );
        expect(signedHeaders({ method, url: address, headers, body }, by)).toEqual(expected.headers);
      },
    ),
  );
});

test("a URL is signed as the SDK's signer signs it", async () => {
  await fc.assert(
    fc.asyncProperty(signing, url, fc.integer({ min: 1, max: 604_800 }), async (by, address, expiresIn) => {
      const request = { method: 'GET', ...partsOf(address), headers: { host: address.host } };
      const { query = {} } = await signer(by).presign(request, { signingDate: by.date, expiresIn });
      const { searchParams } = presignedUrl(address, by, expiresIn);
      for (const [name, value] of Object.entries(query)) expect(searchParams.getAll(name)).toEqual([value].flat());
    }),
  );
});

test("AWS' own example has AWS' own signature", () => {
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-test-suite.html, get-vanilla-query-order-key-case
  const key = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
  const date = new Date('2015-08-30T12:36:00Z');
  const address = new URL('https://example.amazonaws.com/?Param2=value2&Param1=value1');
  const { authorization } = signedHeaders(
    { method: 'GET', url: address, headers: { host: 'example.amazonaws.com' }, body: '' },
    { service: 'service', region: 'us-east-1', key, date },
  );
  expect(authorization).toContain('Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500');
});
