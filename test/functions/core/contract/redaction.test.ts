import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../../functions/core/contract/redaction.ts';
import { anyText } from '../../../support/any-text.ts';
import { encodings } from '../../../support/secret-forms.ts';

const secrets = [
  'correct-horse-battery',
  'p@ss "w\\rd" /+=&<x>\'#%41?',
  'naïve пароль 密码 🔥',
  '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\n-----END PRIVATE KEY-----\n',
  'a+b c%20d\te',
  '\\n\\u0041&amp;amp;%2541',
  'hunter',
];

function redactorOf(...values: readonly string[]) {
  const redactor = createRedactor();
  redactor.use(values);
  return redactor;
}

describe.each(secrets)('the secret %j', (secret) => {
  it.each(Object.entries(encodings))('is struck out %s', (_, encode) => {
    const { redact } = redactorOf(secret);
    const echoed = encode(secret);
    const clean = redact(`HTTP 401: refused (${echoed}) by proxy`);

    // All of it, and no more than it and the characters of base64 that hold other bytes too.
    expect(clean).toMatch(/^HTTP 401: refused \([\w+/=%-]{0,60}\[secret\][\w+/=%-]{0,8}\) by proxy$/);
    expect(clean).not.toContain(secret.slice(0, 6));
  });
});

describe('redaction', () => {
  it('shows the same whatever the secret is', () => {
    const graph = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
    const plain = graph.filter((character) => /[\w.~-]/.test(character));
    // The lengths of these depend on how many characters are escaped in them.
    const containers = new Set(['in base64 of JSON', 'in base64url of a URL']);
    const pairs = (unit: fc.Arbitrary<string>) =>
      fc
        .integer({ min: 6, max: 40 })
        .chain((length) => fc.tuple(...[0, 1].map(() => fc.string({ unit, minLength: length, maxLength: length }))));
    for (const [name, encode] of Object.entries(encodings)) {
      fc.assert(
        fc.property(pairs(containers.has(name) ? plain : graph), (values) => {
          const [one, other] = values.map((secret) => redactorOf(secret).redact(`<${encode(secret)}>`));
          expect(one, name).toBe(other);
        }),
      );
    }
  });

  it('leaves a text alone that holds no secret, and never fails', () => {
    fc.assert(
      fc.property(anyText(200), anyText(40), (text, secret) => {
        const { redact } = redactorOf(secret);
        expect(typeof redact(text)).toBe('string');
        expect(redactorOf().redact(text)).toBe(text);
        expect(redactorOf('no text holds this by chance').redact(text)).toBe(text);
      }),
    );
  });

  it('strikes a text with lone surrogates out, as it is and as it arrives', () => {
    const { redact } = redactorOf('half \uD800 of a pair');
    expect(redact('a half \uD800 of a pair!')).toBe('a [secret]!');
    expect(redact('a half \uFFFD of a pair!')).toBe('a [secret]!');
  });

  it('strikes what is left of a secret at the end of a text that somebody cut', () => {
    const { redact } = redactorOf('correct-horse-battery');
    for (let length = 6; length < 21; length += 1) {
      expect(redact(`refused: ${'correct-horse-battery'.slice(0, length)}`)).toBe('refused: [secret]');
    }
    const login = Buffer.from('me:correct-horse-battery').toString('base64');
    expect(redact(`Basic ${login.slice(0, 20)}`)).toBe('Basic bWU6[secret]');
    expect(redact('the correct way')).toBe('the correct way');
  });

  it.each(Object.entries(encodings))('strikes it wherever it was cut: %s', (_, encode) => {
    const secret = 'p@ss "wörd" /+=&<x>\'#%41?密码🔥'.repeat(4);
    const { redact } = redactorOf(secret);
    const echoed = encode(secret);
    const prefix = 20 + encode(secret.slice(0, 6)).length;
    for (let length = 0; length < echoed.length; length += 1) {
      const clean = redact(`refused: ${echoed.slice(0, length)}`);
      expect(clean.replace('[secret]', '').length).toBeLessThanOrEqual('refused: '.length + prefix);
    }
  });

  it('strikes a secret out that the limit of a text cuts in two', () => {
    const secret = 'correct-horse-battery';
    for (let before = 65_536 - 30; before < 65_536 - 5; before += 1) {
      const clean = redactorOf(secret).redact(`${'x'.repeat(before)}${secret} and more`);
      expect(clean.replaceAll('x', '')).toMatch(/^\[secret\]/);
    }
    expect(redactorOf(secret).redact('x'.repeat(70_000))).toHaveLength(65_536);
  });

  it('strikes a short secret out as a word of its own, not out of other words', () => {
    const { redact } = redactorOf('ok', '1234', 'admin');
    expect(redact('token is ok, user=admin&pin=1234 "ok"')).toBe(
      'token is [secret], user=[secret]&pin=[secret] "[secret]"',
    );
    expect(redact('administrator of 512345 books: 好ok好, okð')).toBe('administrator of 512345 books: 好ok好, okð');
    expect(['ok', 'xok', 'okx', '-ok-'].map(redact)).toEqual(['[secret]', 'xok', 'okx', '-[secret]-']);
    expect(redact(encodings['percent-encoded altogether']?.('ok') ?? '')).toBe('[secret]');
    expect(redact(`base64 ${Buffer.from('ok').toString('base64')}`)).toBe('base64 [secret]=');
  });

  it('undoes escapes of any character, and leaves those alone that stand for none', () => {
    const { redact } = redactorOf('my secret\u{10FFFF}');
    for (const escape of ['&#1114111;', '&#x10ffff;']) expect(redact(`<my secret${escape}>`)).toBe('<[secret]>');
    expect(redact('<my secret&#1114112;>')).toBe('<my secret&#1114112;>');
  });

  it('undoes four encodings inside each other, and then there is an end', () => {
    const redactor = createRedactor();
    redactor.use(['a secret/with+signs']);
    const encoded = (times: number): string =>
      Array.from({ length: times }).reduce<string>((text) => encodeURIComponent(text), 'a secret/with+signs');
    expect([1, 4, 5, 7].map((times) => redactor.redact(encoded(times)) === '[secret]')).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('joins what overlaps', () => {
    expect(redactorOf('abcdefgh', 'defghijk', 'lmnopqrs').redact('-abcdefghijklmnopqrs-')).toBe('-[secret]-');
  });

  it('is fast where a text of the greatest length is all escapes and beginnings of secrets', () => {
    const { redact } = redactorOf('x', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab', '%%%%%%%%');
    const hostile = [
      'a'.repeat(65_536),
      '%41'.repeat(21_845),
      '&#97;'.repeat(13_000),
      '\\u0061'.repeat(10_900),
      'x '.repeat(32_768),
    ];
    expect(hostile.map((text) => redact(text).length).every((length) => length <= 32_768 * 9)).toBe(true);
  });
});

describe('what a redactor knows', () => {
  it('are the secrets of the documents in force and the two before', () => {
    const redactor = createRedactor();
    for (const value of ['the first one', 'the second', 'the third', 'the fourth']) redactor.use([value]);
    expect(redactor.redact('the first one, the second, the third, the fourth')).toBe(
      'the first one, [secret], [secret], [secret]',
    );
  });

  it('are at once those of a document that comes after texts were struck', () => {
    const redactor = createRedactor();
    redactor.use(['the first one']);
    expect(redactor.redact('the first one, the second')).toBe('[secret], the second');
    redactor.use(['the second']);
    expect(redactor.redact('the first one, the second')).toBe('[secret], [secret]');
  });

  it('does not age by using the same document again', () => {
    const redactor = createRedactor();
    redactor.use(['the old one']);
    for (let time = 0; time < 5; time += 1) redactor.use(['the new one']);
    for (let time = 0; time < 5; time += 1) redactor.use([['the new one'], ['the old one']][time % 2] ?? []);
    expect(redactor.redact('the old one, the new one')).toBe('[secret], [secret]');
  });

  it('are the last texts concealed, those used again among them', () => {
    const redactor = createRedactor();
    const texts = Array.from({ length: 65 }, (_, index) => `signature-${index}-of-many`);
    for (const text of texts) {
      redactor.conceal(text);
      redactor.conceal('kept because it is used');
      redactor.redact('');
    }
    expect(redactor.redact(texts[0] ?? '')).toBe(texts[0]);
    expect(redactor.redact(`${texts[64]} kept because it is used`)).toBe('[secret] [secret]');
  });

  it('are the parts of what was concealed', () => {
    const redactor = createRedactor();
    redactor.conceal(`Basic ${Buffer.from('kube:pw').toString('base64')}`);
    redactor.conceal('');
    expect(redactor.redact('a3ViZTpwdw== is kube:pw, pw for kube')).toBe('[secret] is [secret], [secret] for kube');
  });
});
