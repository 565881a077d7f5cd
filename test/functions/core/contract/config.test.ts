import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { httpUrl, parseWith } from '../../../../functions/core/contract/config.ts';

it('names a key that is none without what follows its name: a header written whole holds its value', () => {
  const schema = z.strictObject({ headers: z.record(z.string().check(z.regex(/^[\w-]+$/)), z.string()) });
  expect(parseWith(schema, { headers: { 'Authorization: Bearer hunter22': '' } })).toEqual({
    problems: [{ field: 'headers.Authorization...', message: 'is not a valid name' }],
  });
});

it('leaves a message of its own as it is, whatever it quotes', () => {
  const quoting = 'quotes Invalid input: x, received undefined';
  const schema = z.strictObject({ name: z.string().check(z.refine(() => false, quoting)) });
  expect(parseWith(schema, { name: '' })).toEqual({ problems: [{ field: 'name', message: quoting }] });
});

describe('a mistake', () => {
  const schema = z.strictObject({
    name: z.string(),
    port: z.optional(z.number()),
    mode: z.optional(z.enum(['fast', 'safe'])),
    to: z.optional(z.union([z.string(), z.strictObject({ list: z.array(z.number()), cc: z.optional(z.string()) })])),
  });

  it.each([
    ['that a field is missing', {}, 'name', 'is missing (expected string)'],
    ['what was expected', { name: 'a', port: 'b' }, 'port', 'expected number, received string'],
    ['what is allowed', { name: 'a', mode: 'slow' }, 'mode', 'expected one of "fast"|"safe"'],
    ['which field is none', { name: 'a', prot: 1 }, 'prot', 'is not a known field'],
    ['its place in a list', { name: 'a', to: { list: [1, 'b'] } }, 'to.list[1]', 'expected number, received string'],
    ['what is missing inside', { name: 'a', to: { cc: 'b' } }, 'to.list', 'is missing (expected array)'],
    ['which field inside is none', { name: 'a', to: { list: [], bcc: 'b' } }, 'to.bcc', 'is not a known field'],
    [
      'every alternative',
      { name: 'a', to: 7 },
      'to',
      'expected string, received number, or expected object, received number',
    ],
    ['that the whole is of another kind', [], '', 'expected object, received array'],
  ])('says %s', (_, value, field, message) => {
    expect(parseWith(schema, value)).toEqual({ problems: [{ field, message }] });
  });

  it('is told with all the others', () => {
    expect(parseWith(schema, { port: 'b', prot: 1 })).toMatchObject({
      problems: [{ field: 'name' }, { field: 'port' }, { field: 'prot' }],
    });
  });

  it('says of a choice by a field that has none of its values what is allowed', () => {
    const choice = z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('a') }),
      z.object({ kind: z.literal('b') }),
    ]);
    expect(parseWith(choice, { kind: 'c' })).toMatchObject({ problems: [{ field: 'kind' }] });
  });
});

it.each([
  ['https://example.com', true],
  ['HTTP://example.com/x', true],
  ['ftp://example.com', false],
  ['see https://example.com', false],
  ['https://', false],
  ['example.com', false],
])('as a URL takes %s: %s', (text, isTaken) => {
  const wrong = { problems: [{ field: '', message: 'expected an absolute http:// or https:// URL' }] };
  expect(parseWith(httpUrl(), text)).toEqual(isTaken ? { value: text } : wrong);
});
