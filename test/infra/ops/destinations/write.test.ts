import { expect, test } from 'vitest';
import { parseFields } from '../../../../infra/ops/destinations/write.ts';

test('a document to set is refused with the place of what is not JSON', () => {
  const commaTooMany = '{\n  "filter": {},\n  "enabled": true,\n}\n';
  expect(() => parseFields(commaTooMany, 'a.json')).toThrow('a.json: is not JSON: syntax error at line 4, column 1');
  expect(() => parseFields('[]', 'a.json')).toThrow('a.json: is not a JSON object');
  expect(parseFields(undefined, 'a.json')).toEqual({});
});
