import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BacklogLimits, createBacklog } from '../../../relay/queue/backlog.ts';
import { entry } from '../../support/queue-entry.ts';

const limits: BacklogLimits = { highEvents: 4, highBytes: 40, lowEvents: 2, lowBytes: 20 };

/** Whether a promise has resolved by now. */
async function isResolved(promise: Promise<void>): Promise<boolean> {
  let resolved = false;
  void promise.then(() => (resolved = true));
  await new Promise((resolve) => setImmediate(resolve));
  return resolved;
}

test('is full at its number of entries, or at its bytes, and not before', () => {
  const byNumber = createBacklog(limits);
  for (let i = 0; i < 3; i += 1) byNumber.add(entry('a'));
  expect(byNumber.full).toBe(false);
  byNumber.add(entry('a'));
  expect(byNumber.full).toBe(true);

  const byBytes = createBacklog(limits);
  byBytes.add(entry('x'.repeat(39)));
  expect(byBytes.full).toBe(false);
  byBytes.add(entry('x'));
  expect(byBytes.full).toBe(true);
});

test('has room again once it is below its low mark in bytes', async () => {
  const backlog = createBacklog({ ...limits, lowEvents: 100 });
  backlog.add(entry('x'.repeat(19)));
  expect(await isResolved(backlog.room())).toBe(true);
  backlog.add(entry('x'));
  const [, second] = backlog.take(2);
  if (second === undefined) throw new Error('nothing taken');
  const room = backlog.room();
  expect(await isResolved(room)).toBe(false);
  backlog.remove(second);
  expect(await isResolved(room)).toBe(true);
});

test('has room again once it is below its low mark in entries', async () => {
  const backlog = createBacklog(limits);
  backlog.add(entry(''));
  expect(await isResolved(backlog.room())).toBe(true);
  backlog.add(entry(''));
  expect(await isResolved(backlog.room())).toBe(false);
});

test('counts what was taken until it is removed, in the form it has then', async () => {
  const backlog = createBacklog(limits);
  backlog.add(entry('x'.repeat(40)));
  const [taken] = backlog.take(1);
  if (taken === undefined) throw new Error('nothing taken');
  const empty = backlog.empty();
  expect([backlog.events, backlog.bytes, backlog.full]).toEqual([1, 40, true]);
  const smaller = { ...taken, bytes: 3 };
  backlog.replace(taken, [smaller]);
  expect([backlog.events, backlog.bytes, backlog.full]).toEqual([1, 3, false]);
  expect(await isResolved(empty)).toBe(false);
  backlog.remove(smaller);
  expect([backlog.events, backlog.bytes]).toEqual([0, 0]);
  expect(await isResolved(empty)).toBe(true);
});

test('a smaller form of what was taken can make room', async () => {
  const backlog = createBacklog(limits);
  backlog.add(entry('x'.repeat(20)));
  const [taken] = backlog.take(1);
  if (taken === undefined) throw new Error('nothing taken');
  const room = backlog.room();
  backlog.replace(taken, [{ ...taken, bytes: 19 }]);
  expect(await isResolved(room)).toBe(true);
});

test('counts an envelope as its events, also once it is taken apart', () => {
  const backlog = createBacklog(limits);
  const parts = [entry('aa'), entry('bb'), entry('cc')];
  const envelope = entry('abc', { parts });
  backlog.add(envelope);
  expect([backlog.events, backlog.bytes]).toEqual([3, 3]);
  backlog.take(1);
  backlog.replace(envelope, parts);
  expect([backlog.events, backlog.bytes]).toEqual([3, 6]);
  for (const part of parts) backlog.remove(part);
  expect([backlog.events, backlog.bytes]).toEqual([0, 0]);
});

test('gives entries in the order they came in, those put back first, however many have passed', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('add' as const), count: fc.nat(300) }),
    fc.record({ do: fc.constant('take' as const), count: fc.nat(300) }),
    fc.record({ do: fc.constant('putBack' as const), count: fc.nat(5) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const backlog = createBacklog(limits);
      let waiting: string[] = [];
      let taken: ReturnType<typeof backlog.take> = [];
      let next = 0;
      for (const { do: what, count } of steps) {
        if (what === 'add') {
          for (let i = 0; i < count; i += 1) {
            backlog.add(entry(String(next)));
            waiting.push(String(next));
            next += 1;
          }
        } else if (what === 'take') {
          taken = backlog.take(count);
          expect(taken.map(({ message }) => message.body)).toEqual(waiting.slice(0, count));
          waiting = waiting.slice(count);
        } else {
          const back = taken.slice(0, count);
          backlog.putBack(back);
          waiting = [...back.map(({ message }) => message.body), ...waiting];
          taken = [];
        }
        expect(backlog.at(0)?.message.body).toBe(waiting[0]);
        expect(backlog.at(waiting.length)).toBeUndefined();
      }
    }),
  );
});

test('forgets what waits, and not what was taken', () => {
  const backlog = createBacklog(limits);
  for (const text of ['a', 'b', 'c']) backlog.add(entry(text));
  backlog.take(1);
  backlog.clear();
  expect(backlog.at(0)).toBeUndefined();
  backlog.add(entry('d'));
  expect(backlog.take(1).map(({ message }) => message.body)).toEqual(['d']);
});
