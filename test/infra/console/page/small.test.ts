import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readableJson } from '../../../../infra/console/page/chats/readable.ts';
import { safeHref } from '../../../../infra/console/page/chats/safe-href.ts';
import { failureOf } from '../../../../infra/console/page/foundation/failure.ts';
import { duration, rate } from '../../../../infra/console/page/foundation/format.ts';
import { parseRoute, routeTo } from '../../../../infra/console/page/foundation/route.ts';
import { scrollToSee, visibleRows } from '../../../../infra/console/page/live/visible.ts';
import { inOrder } from '../../../../infra/console/page/shared/in-order.ts';
import { stepsOf } from '../../../../infra/console/page/object/gaps.ts';
import { groupOf } from '../../../../infra/console/page/silences/groups.ts';
import { liveEvent } from './live-event.ts';

describe('addresses within the page', () => {
  it('lead back to the names that they were made of', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (names) => {
        expect(parseRoute(routeTo('object', ...names))).toEqual({ view: 'object', names });
      }),
    );
  });

  it.each(['', '#', '#/nowhere/x', '#token=x'])('that are unknown lead to Live: %s', (hash) => {
    expect(parseRoute(hash)).toEqual({ view: 'live', names: [] });
  });

  it('that are badly encoded are taken as they are', () => {
    expect(parseRoute('#/object/%E0%A4%A')).toEqual({ view: 'object', names: ['%E0%A4%A'] });
  });
});

describe('links out of the page', () => {
  it.each(['https://a.example/x?y=1', 'http://a.example'])('may be followed: %s', (url) => {
    expect(safeHref(url)).toBe(url);
  });

  it.each([
    'javascript:alert(1)',
    ' https://a.example',
    'data:text/html,x',
    '//a.example',
    'https://',
    '/x',
    undefined,
  ])('may not be followed: %s', (url) => {
    expect(safeHref(url)).toBeUndefined();
  });
});

describe('figures', () => {
  it.each([
    [0, '0s'],
    [59.6, '1m'],
    [250, '4m 10s'],
    [86_400, '1d'],
    [183_600, '2d 3h'],
    [-5, '0s'],
  ])('say %d seconds as %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  it('say a rate with a decimal only where it matters', () => {
    expect([rate(0), rate(3.14), rate(1234.5)]).toEqual(['0.0', '3.1', '1,235']);
  });
});

describe('the rows that are drawn', () => {
  it('hold all that are seen, and no more than a few others', () => {
    fc.assert(
      fc.property(fc.nat(200_000), fc.nat(2000), fc.constantFrom(28, 56), fc.nat(5000), (top, height, row, count) => {
        const { first, end } = visibleRows(top, height, row, count);

        expect(first).toBeGreaterThanOrEqual(0);
        expect(end).toBeLessThanOrEqual(count);
        expect(end - first).toBeLessThanOrEqual(Math.ceil(height / row) + 14);
        const seen = Math.floor(top / row);
        if (seen < count && height > 0) {
          expect(first).toBeLessThanOrEqual(seen);
          expect(end).toBeGreaterThan(seen);
        }
      }),
    );
  });

  it('are scrolled to only where they are not seen whole', () => {
    expect(scrollToSee(0, 100, 280, 28)).toBe(0);
    expect(scrollToSee(5, 100, 280, 28)).toBe(100);
    expect(scrollToSee(20, 100, 280, 28)).toBe(308);
  });
});

describe('what a failed call says', () => {
  it("is the server's own sentence", () => {
    expect(failureOf(409, { error: 'somebody else saved version 8' })).toEqual({
      error: 'somebody else saved version 8',
    });
    expect(failureOf(501, { error: 'not here', command: 'npm run ops' })).toEqual({
      error: 'not here',
      command: 'npm run ops',
    });
  });

  it.each([
    [500, undefined],
    [502, 'x'],
    [401, null],
    ['late', {}],
    ['unreachable', undefined],
  ] as const)('is a sentence for %s without one', (status, body) => {
    expect(failureOf(status, body).error).toMatch(/^The console .*\.$/);
  });
});

describe('a timeline', () => {
  it('tells gaps of minutes, and no shorter ones', () => {
    const events = ['07:00:00', '07:01:00', '07:30:00'].map((time, seq) =>
      liveEvent({ seq, at: `2026-11-23T${time}Z` }),
    );

    expect(stepsOf(events).map(({ gapSeconds }) => gapSeconds)).toEqual([undefined, undefined, 1740]);
  });
});

describe('a silence', () => {
  const now = Date.parse('2026-11-23T08:00:00Z');

  it.each([
    [{ until: '2026-11-23T08:00:01Z' }, 'inForce'],
    [{ until: '2026-11-23T08:00:00Z' }, 'ended'],
    [{ until: '2026-11-23T09:00:00Z', problem: 'no rules' }, 'broken'],
  ] as const)('with %j is %s', (given, group) => {
    expect(groupOf({ name: 'x', rules: [], ...given }, now)).toBe(group);
  });
});

describe('a payload for reading', () => {
  it('has the JSON in its texts laid out, and all else as it is', () => {
    expect(readableJson({ body: '{"a":[1]}', text: '[not json', n: 1 })).toBe(
      JSON.stringify({ body: { a: [1] }, text: '[not json', n: 1 }, undefined, 2),
    );
    expect(readableJson('a\nb')).toBe('a\nb');
    expect(readableJson(undefined)).toBe('');
  });
});

describe('a text that somebody else chose', () => {
  it('reads in the order of its characters, and is the same JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '"', '\u202E', '\u2066', '\u200F', '容') }), (text) => {
        const shown = inOrder(JSON.stringify(text));
        expect(shown).not.toMatch(/[\u200F\u202E\u2066]/);
        expect(JSON.parse(shown)).toBe(text);
      }),
    );
  });
});
