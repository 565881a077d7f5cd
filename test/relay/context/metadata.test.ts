import { expect, test } from 'vitest';
import { metadataOf } from '../../../relay/context/metadata.ts';

test('is uid, labels, annotations and the controller', () => {
  const reference = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'r' };
  const value = {
    name: 'web-x2kqp',
    namespace: 'shop',
    uid: 'u',
    labels: { app: 'web' },
    annotations: { note: 'n' },
    ownerReferences: [
      { apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'n' },
      { ...reference, controller: true },
    ],
    managedFields: [{}],
  };
  expect(metadataOf(value, 'web-x2kqp')).toEqual({
    uid: 'u',
    labels: { app: 'web' },
    annotations: { note: 'n' },
    controller: { ...reference, namespace: 'shop' },
  });
});

test.each([
  ['no references', undefined],
  [
    'none that controls',
    [
      { kind: 'Node', name: 'n' },
      { kind: 'Node', name: 'n', controller: 'true' },
    ],
  ],
  ['one without a name', [{ kind: 'Node', controller: true }]],
  ['garbage', 'Node'],
])('with %s there is no controller', (_, ownerReferences) => {
  expect(metadataOf({ name: 'a', ownerReferences }, 'a')).toEqual({
    uid: '',
    labels: {},
    annotations: {},
    controller: undefined,
  });
});

test.each([[undefined], [null], ['a'], [[]], [{}], [{ name: 'b' }], [{ name: 7 }]])(
  'of the object a is none in %j',
  (value) => {
    expect(metadataOf(value, 'a')).toBeUndefined();
  },
);

test('annotations that are long, alone or together, are left out: every event carries them', () => {
  const annotations = {
    'kubectl.kubernetes.io/last-applied-configuration': '{}',
    long: 'l'.repeat(1025),
    first: '1'.repeat(1000),
    second: '2'.repeat(1000),
    third: '3'.repeat(1000),
    fourth: '4'.repeat(1000),
    fifth: '5'.repeat(1000),
    number: 5,
    short: 's',
  };
  expect(Object.keys(metadataOf({ name: 'a', annotations }, 'a')?.annotations ?? {})).toEqual([
    'first',
    'second',
    'third',
    'fourth',
    'short',
  ]);
});

test('texts of a kibibyte are kept, and with their keys four of them together', () => {
  const text = 't'.repeat(1024);
  const keysOf = (last: string) =>
    Object.keys(metadataOf({ name: 'a', labels: { '': text, b: text, c: text, d: last, e: '' } }, 'a')?.labels ?? {});
  expect(keysOf('t'.repeat(1020))).toEqual(['', 'b', 'c', 'd', 'e']);
  expect(keysOf('t'.repeat(1021))).toEqual(['', 'b', 'c', 'd']);
  expect(keysOf('t'.repeat(1022))).toEqual(['', 'b', 'c', 'e']);
});
