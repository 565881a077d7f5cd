import { describe, expect, it } from 'vitest';
import { parseWith } from '../../../../functions/core/contract/config.ts';
import { endpointUrl } from '../../../../functions/core/kit/endpoint.ts';

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
