import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createContextMemory } from '../../../relay/context/memory.ts';

const created = (pod: string, { namespace = 'shop', set = 'web' } = {}) => ({
  involvedObject: { kind: 'ReplicaSet', namespace, name: set },
  reason: 'SuccessfulCreate',
  message: `Created pod: ${pod}`,
});
const scheduled = (name: string, node: string) => ({
  involvedObject: { kind: 'Pod', namespace: 'shop', name },
  reason: 'Scheduled',
  message: `Successfully assigned shop/${name} to ${node}`,
});
const pod = (name: string, namespace = 'shop') => ({ kind: 'Pod', namespace, name });

test('remembers owner and node of an object, each as it was told last', () => {
  const memory = createContextMemory(10);
  memory.learn(created('a'));
  memory.learn(scheduled('a', 'node-1'));
  memory.learn(scheduled('a', 'node-2'));
  memory.learn(created('a', { set: 'other' }));

  expect(memory.ownerOf(pod('a'))).toEqual({ kind: 'ReplicaSet', name: 'other' });
  expect(memory.nodeOf(pod('a'))).toBe('node-2');
  memory.learn({ ...created('a'), involvedObject: { kind: 'Job', namespace: 'shop', name: 'other' } });
  expect(memory.ownerOf(pod('a'))).toEqual({ kind: 'Job', name: 'other' });
  expect(memory.size).toBe(1);
});

test('knows nothing of an object of another namespace, kind or name', () => {
  const memory = createContextMemory(10);
  memory.learn(created('a'));

  expect(memory.ownerOf(pod('a', 'billing'))).toBeUndefined();
  expect(memory.ownerOf({ ...pod('a'), kind: 'Job' })).toBeUndefined();
  expect(memory.ownerOf(pod('b'))).toBeUndefined();
  expect(memory.nodeOf(pod('a'))).toBeUndefined();
});

test('forgets what was neither told nor asked for the longest time', () => {
  const memory = createContextMemory(3);
  for (const name of ['a', 'b', 'c']) memory.learn(created(name));
  memory.ownerOf(pod('a'));
  memory.learn(created('b'));
  memory.learn(created('d'));

  expect(['a', 'b', 'c', 'd'].filter((name) => memory.ownerOf(pod(name)) !== undefined)).toEqual(['a', 'b', 'd']);
});

test('never holds more than its limit, and always what it was told last', () => {
  const step = fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), told: fc.boolean() });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step), (limit, steps) => {
      const memory = createContextMemory(limit);
      for (const { name, told } of steps) {
        if (told) memory.learn(created(name));
        else memory.ownerOf(pod(name));
        expect(memory.size).toBeLessThanOrEqual(limit);
        if (told) expect(memory.ownerOf(pod(name))).toEqual({ kind: 'ReplicaSet', name: 'web' });
      }
    }),
  );
});
