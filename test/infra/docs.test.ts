import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { defineConfig, field, secret } from '../../functions/core/contract/config.ts';
import { loadConfigs, projectFolder } from '../../infra/discover.ts';
import { generate, withSections } from '../../infra/docs.ts';
import { documentSchema, silenceDocumentSchema } from '../../infra/docs/schema.ts';
import { codesSection, codeTable, exampleSection, optionsSection, sinksTable } from '../../infra/docs/tables.ts';

test('what is generated is as it would be generated now: npm run docs', async () => {
  const stale = (await generate()).filter(({ path, text }) => readFileSync(join(projectFolder, path), 'utf8') !== text);

  expect(stale.map(({ path }) => path)).toEqual([]);
});

const config = defineConfig({
  type: 'bell',
  title: 'Bell',
  chat: true,
  options: z.strictObject({
    tone: field(z._default(z.enum(['low', 'high']), 'low'), 'How it sounds: low | high.', 'high'),
    times: field(z.int().check(z.gte(1), z.lte(9)), 'How often.'),
    tower: field(
      z.optional(z.strictObject({ names: field(z.array(z.string()), 'Of the towers.') })),
      'Where it hangs.',
    ),
    anything: field(z.optional(z.union([z.boolean(), z.record(z.string(), z.string())])), 'Much.', { a: '`b`' }),
  }),
  secrets: z.strictObject({
    rope: field(secret(), 'What to pull.', 'r0pe'),
    tower2: field(z.optional(secret()), 'Where not.'),
  }),
  plainSecrets: ['rope'],
  codes: { silent: { status: 'retry', meaning: 'No sound.', advice: 'Wait.' } },
});

test('an option has a row with type, default, meaning and example, and so have the fields in it', () => {
  const rows = optionsSection(config).split('\n');

  expect(rows).toContain('| `tone` | `low`, `high` | `low` | How it sounds: low \\| high. Example: `high` |');
  expect(rows).toContain('| `times` | whole number, 1 to 9 | required | How often. |');
  expect(rows).toContain('| `tower` | object |  | Where it hangs. |');
  expect(rows).toContain('| `tower.names` | list of text | required | Of the towers. |');
  expect(rows).toContain('| `anything` | `true`, `false` or map to text |  | Much. Example: `` {"a":"`b`"} `` |');
});

test('secrets are in a table of their own, which says what may stand among the options', () => {
  const [, secrets = ''] = optionsSection(config).split('Secrets, in the SecureString:');

  expect(secrets).toContain('| `rope` | text | required | What to pull. Example: `r0pe` |');
  expect(secrets).toContain('`rope` may stand among the options instead');
});

test('an example shows what is configured and the whole request', () => {
  const section = exampleSection({
    name: 'rings',
    options: { tone: 'high' },
    secrets: { rope: 'r0pe' },
    events: [{}],
    exchanges: [
      {
        request: {
          method: 'POST',
          url: 'https://bell.example.com/ring',
          headers: { 'x-tone': 'high' },
          body: '```ding',
        },
        reply: { status: 200 },
      },
    ],
    outcomes: [],
  });

  expect(section).toBe(
    [
      'With these options',
      '',
      '```json\n{\n  "tone": "high"\n}\n```',
      '',
      'and these secrets',
      '',
      '```json\n{\n  "rope": "r0pe"\n}\n```',
      '',
      'an event becomes',
      '',
      '````http\nPOST https://bell.example.com/ring\nx-tone: high\n\n```ding\n````',
    ].join('\n'),
  );
});

test('a code has a row with outcome, meaning and advice', () => {
  expect(codesSection(config.codes)).toContain('| `silent` | retry | No sound. | Wait. |');
});

test('codes of one meaning have one row', () => {
  const doc = { status: 'retry', meaning: 'No sound.', advice: 'Wait.' } as const;
  const rows = codeTable({ silent: doc, loud: { ...doc, meaning: 'Too much.' }, mute: doc });

  expect(rows.slice(2)).toEqual([
    '| `silent` `mute` | retry | No sound. | Wait. |',
    '| `loud` | retry | Too much. | Wait. |',
  ]);
});

test('only the schema of a chat has the word about silences', () => {
  expect(documentSchema(config).properties).toHaveProperty('silences');
  expect(documentSchema({ ...config, chat: false }).properties).not.toHaveProperty('silences');
});

test('the schema of a silence wants all that one must say, and no other fields', () => {
  const { properties = {}, required, additionalProperties } = silenceDocumentSchema();

  expect(Object.keys(properties)).toEqual(['$schema', 'match', 'until', 'why', 'by']);
  expect(required).toEqual(['match', 'until', 'why', 'by']);
  expect(additionalProperties).toBe(false);
});

test('the schema for editors accepts the document of a destination and no other fields', () => {
  const { properties = {}, required, additionalProperties, $defs = {} } = documentSchema(config);

  expect(Object.keys(properties)).toEqual([
    '$schema',
    'enabled',
    'filter',
    'repeats',
    'silences',
    'tone',
    'times',
    'tower',
    'anything',
    'rope',
  ]);
  expect(required).toEqual(['times']);
  expect(additionalProperties).toBe(false);
  expect(properties['tone']).toEqual({
    description: 'How it sounds: low | high.',
    type: 'string',
    enum: ['low', 'high'],
    default: 'low',
    examples: ['high'],
  });
  expect(properties['repeats']).toMatchObject({ default: 'milestones' });
  expect($defs['secrets']).toMatchObject({ required: ['rope'], properties: { rope: { minLength: 1 } } });
});

test('every reference in a schema leads to a definition', async () => {
  for (const each of await loadConfigs()) {
    const text = JSON.stringify(documentSchema(each));
    const { $defs = {} } = documentSchema(each);
    for (const [, name = ''] of text.matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g))
      expect(Object.keys($defs)).toContain(name);
    expect(text).not.toMatch(/"\$ref":"(?!#\/\$defs\/)/);
  }
});

test('only what is between markers is replaced, and only where there are any', () => {
  const text = 'before\n<!-- a -->\nold\n<!-- /a -->\nafter';

  expect(withSections(text, { a: 'new', b: 'unused' })).toBe('before\n<!-- a -->\nnew\n<!-- /a -->\nafter');
  expect(withSections(withSections(text, { a: 'new' }), { a: 'new' })).toBe(withSections(text, { a: 'new' }));
});

test('each sink has a row in the table of sinks', () => {
  expect(sinksTable([config], 'en')).toContain('| [bell](functions/sinks/bell/README.md) | Bell | chat |');
});
