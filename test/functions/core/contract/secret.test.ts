import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { partsOf, Secret, secretValues } from '../../../../functions/core/contract/secret.ts';

describe('a secret', () => {
  it('shows itself to nobody who does not ask', () => {
    const secret = new Secret('hunter2');
    const printed = `${String(secret)} ${JSON.stringify({ secret })} ${inspect({ secret })} ${inspect(secret, { showHidden: true })}`;
    expect(printed).not.toContain('hunter2');
    expect(secret.reveal()).toBe('hunter2');
  });

  it('is found at any depth of a document, empty ones left out', () => {
    const document = {
      a: new Secret('short'),
      b: { c: [new Secret('the longest')], d: new Secret('') },
      e: null,
      f: 'plain',
    };
    expect(secretValues(document)).toEqual(['the longest', 'short']);
  });
});

describe('the parts of a secret', () => {
  it.each([
    ['a text', 'hunter2 and more', []],
    [
      'the path and the tokens of a URL',
      'https://hooks.example.com/services/T0001234/webhook?sig=aB3dE6gH9&mode=fast',
      ['/services/T0001234/webhook', '/services/T0001234/webhook?sig=aB3dE6gH9&mode=fast', 'T0001234', 'aB3dE6gH9'],
    ],
    ['a short path of a URL', 'http://example.com/x1', ['/x1', '/x1?']],
    ['a URL without any', 'https://example.com/', []],
    [
      'the query of a URL without a path',
      'https://example.com/?X-Amz-Signature=0123456789abcdef',
      ['/?X-Amz-Signature=0123456789abcdef', '0123456789abcdef'],
    ],
    ['the login in a URL', 'https://me:p%40ss@example.com', ['me:p@ss', 'p@ss']],
    [
      'a long token of letters alone',
      'https://example.com/abcdefghijklmnopqrstuvwxyz',
      ['/abcdefghijklmnopqrstuvwxyz', '/abcdefghijklmnopqrstuvwxyz?', 'abcdefghijklmnopqrstuvwxyz'],
    ],
    [
      'a token of twenty letters, and none of nineteen,',
      'https://example.com/abcdefghijklmnopqrst/abcdefghijklmnopqrs',
      [
        '/abcdefghijklmnopqrst/abcdefghijklmnopqrs',
        '/abcdefghijklmnopqrst/abcdefghijklmnopqrs?',
        'abcdefghijklmnopqrst',
      ],
    ],
    ['a token of eight characters that ends in a letter', 'Bearer X123456a', ['X123456a', 'X123456a']],
    ['none of seven', 'Bearer X12345a', []],
    [
      'the login of a connection string, and no database',
      'mongodb://me:100%@a.example.com:1,b.example.com:2/admin?w=majority',
      ['me:100%', '100%'],
    ],
    ['a URL in capitals', 'HTTPS://me:pass-word@h.example/abc', ['me:pass-word', 'pass-word', '/abc', '/abc?']],
    ['a bearer token', 'Bearer 0123456789', ['0123456789', '0123456789']],
    [
      'a basic login',
      `Basic ${Buffer.from('me:pass:word').toString('base64')}`,
      ['bWU6cGFzczp3b3Jk', 'bWU6cGFzczp3b3Jk', 'me:pass:word', 'pass:word'],
    ],
    [
      'the signature of a request',
      'AWS4-HMAC-SHA256 Credential=AKID/20261123/x, Signature=0123456789abcdef',
      ['AKID/20261123/x', '0123456789abcdef'],
    ],
  ])('are %s', (_, secret, parts) => {
    expect(partsOf(secret)).toEqual([secret, ...parts]);
  });
});
