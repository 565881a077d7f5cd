import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fault, FaultKind } from '../../../relay/stream/fault.ts';
import {
  advances,
  firstState,
  type Happened,
  type Listing,
  next,
  type Phase,
  type StreamState,
  troubleIn,
  type Watching,
} from '../../../relay/stream/phase.ts';

const fault = (kind: FaultKind, retryAfterMs = 0): Fault => ({
  kind,
  cause: kind,
  reason: `why: ${kind}`,
  retryAfterMs,
});
const failed = (kind: FaultKind, openMs = 0): Happened => ({ kind: 'failed', fault: fault(kind), openMs });
const ended = (openMs: number): Happened => ({ kind: 'ended', openMs });

const listing: Listing = { kind: 'listing', cause: 'expired', begunMs: 5, how: 'pages' };
const watchList: Listing = { ...listing, how: 'watch-list' };
const watching: Watching = { kind: 'watching', position: '100', proven: false, fresh: false, refusals: 0 };
const proven: Watching = { ...watching, proven: true };
const probing = (before: Listing | Watching): Phase => ({ kind: 'probing', before });
const newList = (cause: Listing['cause']): Phase =>
  probing({ kind: 'listing', cause, begunMs: undefined, how: 'watch-list' });

/** The state with two failures behind it, so that both a reset and a step are seen. */
const after2 = (phase: Phase): StreamState => ({ phase, failures: 2, watchListFailures: 0 });
const step = (phase: Phase, happened: Happened): unknown => {
  const { state, delay } = next(after2(phase), happened);
  return { phase: state.phase, failures: state.failures, waits: delay.failures };
};
/** At once, and what went before is still counted. */
const goesOn = (phase: Phase): unknown => ({ phase, failures: 2, waits: 0 });
/** At once, and all is well. */
const isWell = (phase: Phase): unknown => ({ phase, failures: 0, waits: 0 });
/** After a delay that grows. */
const waits = (phase: Phase): unknown => ({ phase, failures: 3, waits: 3 });

describe('a stream begins', () => {
  test.each([
    ['without a cursor, with a list', undefined, false, newList('start')],
    ['with its cursor, with a watch', '100', false, probing(watching)],
    ['with a list of everything, if the cursor is gone', undefined, true, newList('cursor-lost')],
  ])('%s, after a probe', (_, cursor, isLost, phase) => {
    expect(firstState(cursor, isLost)).toEqual({ phase, failures: 0, watchListFailures: 0 });
  });
});

describe('while probing', () => {
  const probed = (current: string, cursor?: string): Happened => ({ kind: 'probed', current, cursor });
  const lost: Listing = { ...listing, cause: 'cursor-lost' };
  const restored: Listing = { ...listing, cause: 'restore' };

  test.each<[string, Phase, Happened, unknown]>([
    ['a newer version', probing(watching), probed('101', '90'), goesOn(watching)],
    ['the same version', probing(watching), probed('100', '90'), goesOn(watching)],
    ['a version behind the position', probing(watching), probed('99', '90'), expect.objectContaining({ failures: 2 })],
    ['a version that has no order', probing(watching), probed('abc', '90'), goesOn(watching)],
    ['a version ahead of the cursor', probing(listing), probed('91', '90'), goesOn(listing)],
    ['no cursor to compare with', probing(listing), probed('1'), goesOn(listing)],
    ['an older version, while sending everything anyway', probing(lost), probed('1', '90'), goesOn(lost)],
    ['an older version once more', probing(restored), probed('1', '90'), goesOn(restored)],
    ['nothing to list', probing(listing), { kind: 'started', version: '7' }, goesOn({ ...watching, position: '7' })],
    ['a failure', probing(listing), failed('server-error'), waits(probing(listing))],
    ['an expired version', probing(watching), failed('expired'), waits(probing(watching))],
  ])('%s', (_, phase, happened, expected) => {
    expect(step(phase, happened)).toEqual(expected);
  });

  test.each([
    ['the position', watching, undefined],
    ['the cursor', listing, '90'],
  ])('a version behind %s means a restored cluster: everything is listed', (_, before, cursor) => {
    const { state, delay } = next(after2(probing(before)), probed('89', cursor));
    expect(state.phase).toEqual({ kind: 'listing', cause: 'restore', begunMs: undefined, how: 'watch-list' });
    expect(delay.failures).toBe(0);
  });
});

describe('while listing', () => {
  const pages: Listing = { ...watchList, how: 'pages' };

  test.each<[string, Phase, Happened, unknown]>([
    ['what precedes it is done', { ...listing, begunMs: undefined }, { kind: 'begun', atMs: 5 }, goesOn(listing)],
    ['WatchList is not offered', watchList, { kind: 'no-watch-list' }, goesOn(pages)],
    ['it is done', listing, { kind: 'listed', version: '7' }, goesOn({ ...watching, position: '7', fresh: true })],
    ['a page fails', listing, failed('cut'), waits(probing(listing))],
    ['a page has expired', listing, failed('expired'), waits(probing(listing))],
    ['WatchList has expired', watchList, failed('expired'), waits(probing(watchList))],
    ['WatchList is cut', watchList, failed('cut'), waits(probing(watchList))],
    ['WatchList is refused', watchList, failed('invalid'), goesOn(pages)],
    ['WatchList ends early', watchList, failed('ended-early'), goesOn(pages)],
    ['a watch that is not there lasts', listing, { kind: 'lasted' }, goesOn(listing)],
  ])('%s', (_, phase, happened, expected) => {
    expect(step(phase, happened)).toEqual(expected);
  });

  test('the second failure of WatchList in a row gives pages, and the next list tries it again', () => {
    const once = next({ phase: watchList, failures: 0, watchListFailures: 0 }, failed('cut')).state;
    const twice = next({ ...once, phase: watchList }, failed('cut')).state;
    expect(twice.phase).toEqual(pages);
    const listed = next(twice, { kind: 'listed', version: '7' }).state;
    expect(next(listed, failed('invalid')).state.phase).toEqual(newList('refused-version'));
  });

  test('once WatchList was refused, all lists come in pages', () => {
    const refused = next(after2(watchList), failed('invalid')).state;
    const listed = next(refused, { kind: 'listed', version: '7' }).state;
    expect(next(listed, failed('invalid')).state.phase).toMatchObject({ before: { how: 'pages' } });
  });
});

describe('while watching', () => {
  const fresh: Watching = { ...watching, fresh: true };
  const carried = (version: string): Happened => ({ kind: 'carried', version });
  const refusedOnce: Watching = { ...watching, refusals: 1 };
  const refusedTwice: Watching = { ...watching, refusals: 2 };

  test.each<[string, Phase, Happened, unknown]>([
    ['a change', refusedOnce, carried('101'), isWell({ ...proven, position: '101' })],
    ['a bookmark of the same version', refusedOnce, carried('100'), goesOn({ ...refusedOnce, proven: true })],
    ['a change of an older version', refusedOnce, carried('99'), goesOn(refusedOnce)],
    ['a change of an older version, in a watch that works', proven, carried('99'), goesOn(proven)],
    ['a change without a version', watching, carried(''), goesOn(watching)],
    ['a change just after a list', fresh, carried('101'), goesOn({ ...proven, position: '101', fresh: true })],
    ['being open for long', fresh, { kind: 'lasted' }, isWell(proven)],
    [
      'being open for long does not forget refusals',
      refusedOnce,
      { kind: 'lasted' },
      isWell({ ...proven, refusals: 1 }),
    ],
    ['being left unread', proven, { kind: 'paused' }, goesOn(probing(watching))],
    ['an end after its time', refusedOnce, ended(1000), isWell(probing(watching))],
    ['an end at once, empty', watching, ended(999), waits(probing(refusedOnce))],
    ['an end at once, empty, again', refusedOnce, ended(999), waits(newList('empty-watch'))],
    ['an end at once, not empty', proven, ended(999), waits(probing(watching))],
    ['an expired version', watching, failed('expired'), goesOn(newList('expired'))],
    ['a version that has just been listed and has expired', fresh, failed('expired'), waits(newList('expired'))],
    ['a version that is not understood', watching, failed('invalid'), waits(newList('refused-version'))],
    ['an error', watching, failed('error-frame'), waits(probing(refusedOnce))],
    ['an error, again', refusedOnce, failed('error-frame'), waits(newList('repeated-error'))],
    ['an answer 5xx, again', refusedOnce, failed('server-error'), waits(probing(refusedTwice))],
    ['an answer 5xx, for the third time', refusedTwice, failed('server-error'), waits(newList('repeated-error'))],
    ['no permission, again and again', refusedTwice, failed('refused'), waits(probing(refusedTwice))],
    ['a bad frame, again and again', refusedTwice, failed('unreadable'), waits(probing(refusedTwice))],
    ['being cut while it works', proven, failed('cut', 1000), goesOn(probing(watching))],
    ['being cut at once', proven, failed('cut', 999), waits(probing(watching))],
    ['being cut before it worked', watching, failed('cut', 1000), waits(probing(watching))],
  ])('%s', (_, phase, happened, expected) => {
    expect(step(phase, happened)).toEqual(expected);
  });
});

test('a server that asks to be left alone is, whatever the phase', () => {
  for (const phase of [probing(listing), listing, watchList, watching]) {
    const happened: Happened = { kind: 'failed', fault: fault('refused', 7000), openMs: 0 };
    expect(next({ phase, failures: 0, watchListFailures: 0 }, happened).delay).toEqual({
      failures: 1,
      atLeastMs: 7000,
    });
  }
});

test('the error of one version is not that of another', () => {
  const first = next(after2(watching), failed('error-frame')).state;
  const moved = next({ ...first, phase: watching }, { kind: 'carried', version: '101' }).state;
  expect(next(moved, failed('error-frame')).state.phase).toMatchObject({ before: { kind: 'watching', refusals: 1 } });
});

describe('versions', () => {
  test.each([
    ['100', '101', true],
    ['100', '100', false],
    ['100', '99', false],
    ['9', '10', true],
    ['100', '', false],
    ['100', 'abc', false],
    ['abc', 'abd', true],
    ['abc', '', false],
  ])('from %s, %s lies ahead: %s', (position, version, expected) => {
    expect(advances(position, version)).toBe(expected);
  });
});

describe('trouble', () => {
  const fresh: Watching = { ...watching, fresh: true };
  test.each<[string, Phase, Happened, string | undefined]>([
    ['a failure', probing(watching), failed('cut'), 'why: cut'],
    ['an expired version is routine', watching, failed('expired'), undefined],
    ['but not just after a list', fresh, failed('expired'), 'why: expired'],
    ['nor in a list', listing, failed('expired'), 'why: expired'],
    ['a WatchList that is refused is routine', watchList, failed('invalid'), undefined],
    ['or that ends early', watchList, failed('ended-early'), undefined],
    ['but not a version that is refused', watching, failed('invalid'), 'why: invalid'],
    ['nor a page', listing, failed('invalid'), 'why: invalid'],
    ['an end', watching, ended(1000), undefined],
    ['an end at once after a change', proven, ended(0), undefined],
    ['an end at once', watching, ended(0), 'no events from the API server: it ends each watch at once'],
    ['a change', watching, { kind: 'carried', version: '1' }, undefined],
  ])('%s', (_, phase, happened, expected) => {
    expect(troubleIn(phase, happened)).toBe(expected);
  });
});

/** Everything that an API server can do to a stream without bringing it any further, and in less than a second. */
function mischief(phase: Phase): readonly Happened[] {
  const any = (['expired', 'invalid', 'error-frame', 'server-error', 'refused', 'unreadable', 'cut'] as const).map(
    (kind) => failed(kind, 999),
  );
  switch (phase.kind) {
    case 'probing':
      return [{ kind: 'probed', current: '100', cursor: '100' }, ...any];
    case 'listing':
      if (phase.begunMs === undefined) return [{ kind: 'begun', atMs: 1 }];
      if (phase.how === 'pages') return [{ kind: 'listed', version: '100' }, ...any];
      return [{ kind: 'listed', version: '100' }, { kind: 'no-watch-list' }, failed('ended-early', 999), ...any];
    case 'watching':
      return [{ kind: 'carried', version: '100' }, ended(999), ...any];
  }
}

test('whatever an API server does short of progress, it is left alone ever longer', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 200, maxLength: 400 }), (choices) => {
      let state = firstState('100', false);
      let sinceDelay = 0;
      let longest = 0;
      for (const choice of choices) {
        const possible = mischief(state.phase);
        const happened = possible[choice % possible.length] ?? failed('cut');
        const step = next(state, happened);
        expect(step.state.failures).toBeGreaterThanOrEqual(longest);
        longest = step.state.failures;
        if (step.delay.failures > 0) sinceDelay = 0;
        // What an open watch carries is no connection of its own.
        else if (happened.kind !== 'carried') sinceDelay += 1;
        // A probe, an expired watch, and what it takes to list and to watch again.
        expect(sinceDelay).toBeLessThanOrEqual(10);
        state = step.state;
      }
    }),
  );
});
