import { describe, expect, it } from 'vitest';
import { parseWith } from '../../../../functions/core/contract/config.ts';
import { endpointUrl, tlsOptions, wireTlsField } from '../../../../functions/core/kit/endpoint.ts';

describe('the URL of a service', () => {
  it.each(['http://127.0.0.1:9200', 'https://es.example.com/path'])('may be %s', (url) => {
    expect(parseWith(endpointUrl(), url)).toEqual({ value: url });
  });

  it.each([
    'es.example.com',
    'ftp://es',
    'https://',
    'https://user:password@es',
    'https://user@es',
    'https://:password@es',
  ])('may not be %s', (url) => {
    const parsed = parseWith(endpointUrl(), url);
    expect(parsed).toHaveProperty('problems');
    expect(JSON.stringify(parsed)).not.toContain('password@');
  });
});

it.each([
  [undefined, { rejectUnauthorized: true }],
  [false, { rejectUnauthorized: true }],
  [true, { rejectUnauthorized: true }],
  [{ insecure: true }, { rejectUnauthorized: false }],
  [
    { insecure: false, ca: 'PEM' },
    { ca: 'PEM', rejectUnauthorized: true },
  ],
])('TLS of a wire protocol with %j accepts what is asked for only', (tls, expected) => {
  const parsed = parseWith(wireTlsField('TLS.'), tls);
  expect('value' in parsed && tlsOptions(parsed.value)).toEqual(expected);
});
