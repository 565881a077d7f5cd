import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAgingCache } from '../../../relay/context/aging-cache.ts';

test('forgets what was not asked for the longest time, once there is no more room', () => {
  const cache = createAgingCache<number>(10);
  cache.set('a', 1, 4, 1000);
  cache.set('b', 2, 4, 1000);
  cache.get('a');
  cache.set('c', 3, 4, 1000);
  expect(['a', 'b', 'c'].map((key) => cache.get(key)?.value)).toEqual([1, undefined, 3]);
});

test('forgets what it is told to, and has the room again', () => {
  const cache = createAgingCache<number>(10);
  cache.set('a', 1, 4, 1000);
  cache.delete('a');
  cache.delete('b');
  expect([cache.get('a'), cache.bytes]).toEqual([undefined, 0]);
});

test('never holds more bytes than its bound, and counts each value once', () => {
  const set = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), bytes: fc.nat(15) });
  fc.assert(
    fc.property(fc.array(set), (sets) => {
      const cache = createAgingCache<number>(20);
      const last = new Map<string, number>();
      for (const { key, bytes } of sets) {
        cache.set(key, bytes, bytes, 1000);
        last.set(key, bytes);
        const held = ['a', 'b', 'c', 'd'].flatMap((each) => cache.get(each)?.value ?? []);
        expect(cache.bytes).toBe(held.reduce((sum, each) => sum + each, 0));
        expect(cache.bytes).toBeLessThanOrEqual(20);
        expect(cache.get(key)?.value).toBe(last.get(key));
      }
    }),
  );
});
