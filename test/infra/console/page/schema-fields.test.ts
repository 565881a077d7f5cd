import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { schemaFields } from '../../../../infra/console/page/destinations/schema-fields.ts';

const root = join(import.meta.dirname, '../../../..');
const schemas = globSync('functions/sinks/*/schema.json', { cwd: root });

describe('the fields of a schema', () => {
  it('are told with type, default, example and description', () => {
    const fields = schemaFields({
      type: 'object',
      required: ['url'],
      properties: {
        $schema: { type: 'string' },
        url: { type: 'string', description: 'Where to.', examples: ['https://a.example'] },
        mode: { enum: ['a', 'b'], default: 'a' },
        rules: { type: 'array', items: { $ref: '#/$defs/rule' } },
      },
      $defs: {
        rule: {
          type: 'object',
          properties: {
            reason: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
            all: { type: 'array', items: { $ref: '#/$defs/rule' } },
          },
        },
      },
    });

    expect(fields).toEqual([
      { path: 'url', type: 'string', description: 'Where to.', isRequired: true, example: '"https://a.example"' },
      { path: 'mode', type: '"a" | "b"', description: '', isRequired: false, preset: '"a"' },
      { path: 'rules', type: 'object[]', description: '', isRequired: false },
      { path: 'rules[].reason', type: 'string | string[]', description: '', isRequired: false },
      { path: 'rules[].all', type: 'object[]', description: '', isRequired: false },
    ]);
  });

  it.each(schemas.map((file) => [basename(dirname(file)), file]))('of the sink %s are all described', (_type, file) => {
    const fields = schemaFields(JSON.parse(readFileSync(join(root, file ?? ''), 'utf8')));

    expect(fields.map(({ path }) => path)).toContain('filter.match[].reason');
    expect(
      fields.filter(({ path, description }) => !/[.[]/.test(path) && description === '').map(({ path }) => path),
    ).toEqual([]);
  });

  it.each([undefined, null, 1, 'x', [], { properties: 3 }])('are none of %j', (schema) => {
    expect(schemaFields(schema)).toEqual([]);
  });
});
