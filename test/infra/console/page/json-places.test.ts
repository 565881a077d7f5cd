import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonPlaces, lineOf } from '../../../../infra/console/page/destinations/json-places.ts';

const document = `{
  "filter": {
    "match": [
      { "reason": ["BackOff", "Failed"] },
      {
        "severity": "critical, \\"really\\": yes"
      }
    ]
  },
  "language": "en"
}`;

describe('the places of fields in a JSON text', () => {
  it.each([
    ['filter', 1],
    ['filter.match', 2],
    ['filter.match[0]', 3],
    ['filter.match[0].reason[1]', 3],
    ['filter.match[1]', 4],
    ['filter.match[1].severity', 5],
    ['language', 9],
  ])('has %s on line %i, counted from 0', (field, line) => {
    expect(lineOf(field, jsonPlaces(document))).toBe(line);
  });

  it('leads to the nearest field around one that is missing', () => {
    const places = jsonPlaces(document);

    expect(lineOf('filter.match[1].owner', places)).toBe(4);
    expect(lineOf('filter.drop[3].owner', places)).toBe(1);
    expect(lineOf('channel', places)).toBeUndefined();
    expect(lineOf('', places)).toBeUndefined();
  });

  it('reads on where the text is no JSON yet', () => {
    const places = jsonPlaces('{\n  "a": {\n    "b": \n  "c": [1,\n');

    expect(lineOf('a.b', places)).toBe(2);
  });

  it('has the line of every key that JSON.stringify lays out, and never fails', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.jsonValue(), { maxKeys: 6 }), (value) => {
        const text = JSON.stringify(value, undefined, 2);
        const lines = text.split('\n');
        const places = jsonPlaces(text);
        for (const key of Object.keys(value)) expect(lines[places.get(key) ?? -1]).toContain(`  "${key}":`);
      }),
    );
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, field) => {
        lineOf(field, jsonPlaces(text));
        expect(jsonPlaces(text)).toBeDefined();
      }),
    );
  });
});
