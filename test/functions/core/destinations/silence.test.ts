import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleEvent } from '../../../../functions/core/contract/sample.ts';
import {
  holding,
  MAX_SILENCE_MS,
  parseSilence,
  type Silence,
} from '../../../../functions/core/destinations/silence.ts';

const now = Date.parse('2026-11-27T12:00:00Z');
const event = sampleEvent();

const good = {
  match: [{ namespace: event.object.namespace }],
  until: '2026-11-27T18:00:00Z',
  why: 'rollout of the shop',
  by: 'operator/alice',
};

function parse(fields: object): Silence {
  const parsed = parseSilence('rollout', JSON.stringify({ ...good, ...fields }), now);
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

function problemsOf(document: unknown): unknown {
  const parsed = parseSilence('rollout', typeof document === 'string' ? document : JSON.stringify(document), now);
  return 'problems' in parsed ? parsed.problems : [];
}

describe('a silence', () => {
  it('says when it ends, why it is there, and who has made it', () => {
    expect(parse({ $schema: '../silence.schema.json' })).toMatchObject({
      name: 'rollout',
      until: Date.parse('2026-11-27T18:00:00Z'),
      why: 'rollout of the shop',
      by: 'operator/alice',
      match: good.match,
    });
  });

  it('ends at its instant, whatever the offset it is written in', () => {
    expect(parse({ until: '2026-11-27T19:00:00+01:00' }).until).toBe(Date.parse(good.until));
  });

  it('covers an event for which any of its rules holds', () => {
    const other = { namespace: 'other' };
    expect(parse({ match: [other, { reason: event.reason }] }).covers(event)).toBe(true);
    expect(parse({ match: [other] }).covers(event)).toBe(false);
    expect(parse({ match: [{ ...other, reason: event.reason }] }).covers(event)).toBe(false);
    expect(parse({ match: [{ all: [{ type: '*' }, other] }] }).covers(event)).toBe(false);
  });

  it('may last 30 days and no longer', () => {
    const at = (ms: number) => new Date(now + ms).toISOString();
    expect(parse({ until: at(MAX_SILENCE_MS) }).until).toBe(now + MAX_SILENCE_MS);
    expect(problemsOf({ ...good, until: at(MAX_SILENCE_MS + 1) })).toEqual([
      { field: 'until', message: 'is more than 30 days ahead: what lasts belongs into a filter' },
    ]);
  });

  it.each([
    ['without rules', { match: [] }, 'match', 'expected at least one rule'],
    ['with an empty rule', { match: [{}] }, 'match[0]', /a rule needs at least one field/],
    ['with a misspelt field', { match: [{ reson: 'x' }] }, 'match[0].reson', /did you mean reason\?/],
    ['with a misspelt field of its own', { untill: 'x' }, 'untill', /did you mean until\?/],
    ['with a pattern that is none', { match: [{ reason: '/(/' }] }, 'match[0].reason', /./],
    ['with a time without offset', { until: '2026-11-27T18:00:00' }, 'until', /offset \(RFC 3339\)/],
    ['with a day that there is not', { until: '2026-02-30T18:00:00Z' }, 'until', /RFC 3339/],
    ['without a reason', { why: '  ' }, 'why', 'expected one line of text'],
    ['with a reason of two lines', { why: 'a\nb' }, 'why', 'expected one line of text'],
    ['without an author', { by: undefined }, 'by', /is missing/],
  ])('%s is refused with the field', (_what, fields, field, message) => {
    const text = typeof message === 'string' ? message : expect.stringMatching(message);
    expect(problemsOf({ ...good, ...fields })).toEqual([{ field, message: text }]);
  });

  it('that is no JSON is refused with the place', () => {
    expect(problemsOf('{"match":')).toEqual([{ field: '', message: 'is not JSON: syntax error at line 1, column 10' }]);
  });
});

describe('what holds an event', () => {
  it('is a silence that covers it and has not ended', () => {
    const silence = parse({});
    expect(holding([silence], event, silence.until - 1)).toBe(silence);
    expect(holding([silence], event, silence.until)).toBeUndefined();
  });

  it('is the first of those, and none where there is none', () => {
    const silence = fc.record({ until: fc.integer({ min: 0, max: 20 }), covers: fc.boolean() });
    fc.assert(
      fc.property(fc.array(silence, { maxLength: 6 }), fc.integer({ min: 0, max: 20 }), (given, at) => {
        const silences = given.map(({ until, covers }) => ({ ...parse({}), until, covers: () => covers }));
        const expected = given.findIndex(({ until, covers }) => covers && until > at);
        expect(holding(silences, event, at)).toBe(silences[expected]);
      }),
    );
  });
});
