import { describe, expect, test } from 'vitest';
import { parseDocuments } from '../../../../infra/ops/import/documents.ts';

describe('YAML that cannot be read is said by its place, not quoted', () => {
  test.each([
    [
      'an alias that is none',
      'password: *Hunter22\n',
      'a value that begins with * names an anchor that is not there: quote the value',
    ],
    ['an escape that is none', 'a: "hunter22\\q"\n', 'Invalid escape sequence at line 1, column 13'],
    [
      'a block with more in its head',
      'a: |hunter22\n  x\n',
      'Block scalar header includes extra characters at line 1, column 5',
    ],
  ])('%s', (_, text, problem) => {
    expect(() => parseDocuments(text, 'f.yaml')).toThrow(`f.yaml: is not YAML: ${problem}`);
    expect(() => parseDocuments(text, 'f.yaml')).not.toThrow(/hunter22/i);
  });
});
