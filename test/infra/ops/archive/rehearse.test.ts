import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { alikeInChats } from '../../../../functions/core/chat/groups.ts';
import type { ClusterEvent } from '../../../../functions/core/contract/event.ts';
import { compileFilter, type Filter } from '../../../../functions/core/destinations/filter.ts';
import { createRehearsal } from '../../../../infra/ops/archive/rehearsal.ts';
import { fakeClock, folderOf, ops, remove } from '../run.ts';
import { archiveInto, eventAt } from './archived.ts';

const clock = fakeClock();
const START = Date.parse('2026-11-20T00:00:00Z');
let folder: string;

beforeEach(async () => {
  folder = await folderOf({ 'destinations/dingtalk/ops.json': { filter: { match: [{ reason: ['A', 'B'] }] } } });
});

afterEach(() => remove(folder));

const reasonAt = (number: number, seconds: number, reason: string): ClusterEvent =>
  eventAt(number, new Date(START + seconds * 1000).toISOString(), { reason });

/** The messages that a chat sends of these events, found second by second: a clock that ticks, and what waits. */
function messagesTicking(events: readonly ClusterEvent[], until: number): readonly number[] {
  const sent: number[] = [];
  const keys = new Set(events.map(alikeInChats.keyOf));
  for (const key of keys) {
    const own = new Set(
      events.filter((event) => alikeInChats.keyOf(event) === key).map(({ lastSeen }) => Date.parse(lastSeen)),
    );
    let quietUntil = -Infinity;
    let isWaiting = false;
    for (let at = START; at <= until; at += 1000) {
      if (isWaiting && at >= quietUntil) {
        sent.push(at);
        isWaiting = false;
        quietUntil = at + alikeInChats.seconds * 1000;
      }
      if (!own.has(at)) continue;
      if (at < quietUntil) isWaiting = true;
      else {
        sent.push(at);
        quietUntil = at + alikeInChats.seconds * 1000;
      }
    }
  }
  return sent;
}

const event = fc.record({ seconds: fc.integer({ min: 0, max: 7300 }), reason: fc.constantFrom('A', 'B', 'C') });
const filter: fc.Arbitrary<Filter> = fc
  .subarray(['A', 'B', 'C'], { minLength: 1 })
  .map((reason) => ({ match: [{ reason }] }));

const onlyC: Filter = { match: [{ reason: ['C'] }] };

test('a rehearsal of a chat is what a clock that ticks would have shown', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), filter, filter, (drawn, before, after) => {
      const events = drawn
        .toSorted((a, b) => a.seconds - b.seconds)
        .map(({ seconds, reason }, index) => reasonAt(index, seconds, reason));
      const [was, is] = [before, after].map((each) => {
        const verdict = compileFilter(each, 'milestones');
        return (one: ClusterEvent) => verdict(one) === 'pass';
      });
      if (!was || !is) return;
      const rehearsal = createRehearsal(was, is, alikeInChats);
      for (const each of events) rehearsal.add(each);

      const result = rehearsal.result();

      for (const [passes, sent] of [
        [was, result.before],
        [is, result.after],
      ] as const) {
        const passed = events.filter(passes);
        const times = messagesTicking(passed, START + 8000 * 1000);
        const perHour = Map.groupBy(times, (at) => `${new Date(at).toISOString().slice(0, 13)}:00Z`);
        const most = Math.max(0, ...[...perHour.values()].map(({ length }) => length));
        expect(sent.events).toBe(passed.length);
        expect(sent.messages).toBe(times.length);
        expect(sent.loudest?.messages ?? 0).toBe(most);
        if (sent.loudest) expect(perHour.get(sent.loudest.hour)).toHaveLength(most);
      }
      const reasons = (passes: typeof was) => [...new Set(events.filter(passes).map(({ reason }) => reason))];
      const only = (some: readonly string[], others: readonly string[]) =>
        new Set(some.filter((reason) => !others.includes(reason)));
      expect(new Set(result.lost.map(({ reason }) => reason))).toEqual(only(reasons(was), reasons(is)));
      expect(new Set(result.gained.map(({ reason }) => reason))).toEqual(only(reasons(is), reasons(was)));
    }),
    {
      numRuns: 60,
      examples: [
        [
          [
            { seconds: 7295, reason: 'C' },
            { seconds: 7295, reason: 'C' },
          ],
          onlyC,
          onlyC,
        ],
      ],
    },
  );
});

test('of a store each event counts', () => {
  const rehearsal = createRehearsal(
    () => true,
    ({ reason }) => reason === 'A',
  );
  for (const each of [reasonAt(1, 0, 'A'), reasonAt(2, 1, 'A'), reasonAt(3, 2, 'B')]) rehearsal.add(each);

  expect(rehearsal.result()).toEqual({
    before: { events: 3, messages: 3, loudest: { hour: '2026-11-20T00:00Z', messages: 3 } },
    after: { events: 2, messages: 2, loudest: { hour: '2026-11-20T00:00Z', messages: 2 } },
    lost: [{ reason: 'B', events: 1 }],
    gained: [],
  });
});

test('the command says what would change, and changes nothing', async () => {
  const archive = join(folder, 'archive');
  await archiveInto(archive, [
    reasonAt(1, 0, 'A'),
    reasonAt(2, 10, 'A'),
    reasonAt(3, 20, 'A'),
    reasonAt(4, 4000, 'B'),
    reasonAt(5, 4000, 'C'),
  ]);
  const file = join(folder, 'new.json');
  await writeFile(file, '{"filter":{"match":[{"reason":["A","C"]}]}}');
  const argv = ['destinations', 'rehearse', 'dingtalk/ops', '--file', file, '--folder', folder, '--archive', archive];

  const run = await ops(argv, { clock });
  const json = await ops([...argv, '--json'], { clock });

  expect(run.out).toEqual([
    'before  3 messages of 4 events; the loudest hour: 2026-11-20T00:00Z with 2',
    'after   3 messages of 4 events; the loudest hour: 2026-11-20T00:00Z with 2',
    'no longer arrives: B (1 event)',
    'arrives now: C (1 event)',
  ]);
  expect(run.code).toBe(0);
  expect(JSON.parse(json.out[0] ?? '')).toMatchObject({ of: 5, lost: [{ reason: 'B', events: 1 }] });
});

test('a document with a mistake is told of, as set does', async () => {
  const file = join(folder, 'new.json');
  await writeFile(file, '{"filtre":{}}');

  const run = await ops(
    ['destinations', 'rehearse', 'dingtalk/ops', '--file', file, '--folder', folder, '--archive', folder],
    { clock },
  );

  expect(run.code).toBe(1);
  expect(run.err[0]).toContain(`${file}: filtre`);
});
