import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ownerByName, stemOf } from '../../../../functions/core/contract/owner.ts';

it.each([
  ['Pod', 'checkout-6c9f7d5b8-x2kqp', 'Deployment checkout'],
  ['Pod', 'my-shop-2-5d4f8c7d9b-zzzzz', 'Deployment my-shop-2'],
  ['ReplicaSet', 'checkout-6c9f7d5b8', 'Deployment checkout'],
  ['Pod', 'nightly-report-29384640-x2kqp', 'CronJob nightly-report'],
  ['Pod', 'nightly-report-29384640-3-x2kqp', 'CronJob nightly-report'],
  ['Job', 'nightly-report-29384640', 'CronJob nightly-report'],
])('the name of the %s %s says that it is of the %s', (kind, name, expected) => {
  const owner = ownerByName({ kind, name });

  expect(`${owner?.kind} ${owner?.name}`).toBe(expected);
});

it.each([
  // A StatefulSet's, a DaemonSet's, a static pod's, a pod of a Job, one with a short hash, one by hand.
  ['Pod', 'orders-0'],
  ['Pod', 'fluentd-x2kqp'],
  ['Pod', 'etcd-node-1'],
  ['Pod', 'migrate-x2kqp'],
  ['Pod', 'checkout-6c9f7d5-x2kqp'],
  ['Pod', 'checkout'],
  // No hash has vowels, or letters beyond f; no random part is of another length.
  ['Pod', 'release-20261123-final'],
  ['Pod', 'web-wxz2wxz24-x2kqp'],
  ['Pod', 'web-6c9f7d5b8-x2kq'],
  ['Pod', '-6c9f7d5b8-x2kqp'],
  ['ReplicaSet', 'web'],
  ['ReplicaSet', 'web-canary'],
  // A date is not a minute of these years.
  ['Job', 'backup-20261123'],
  ['Job', 'backup'],
  // What else happens to be called so.
  ['Deployment', 'checkout-6c9f7d5b8'],
  ['Node', 'pool-6c9f7d5b8-x2kqp'],
  ['', ''],
])('the name of the %s %j does not say whose it is', (kind, name) => {
  expect(ownerByName({ kind, name })).toBeUndefined();
});

it('finds the Deployment behind any hash of 8 to 10 digits that Kubernetes makes', () => {
  // SafeEncodeString of k8s.io/apimachinery/pkg/util/rand: the letter at the character's code, modulo their number.
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  const encoded = (text: string) =>
    text.replace(/./g, (character) => letters[character.charCodeAt(0) % letters.length] ?? '');
  const suffix = fc.string({ unit: fc.constantFrom(...letters.split('')), minLength: 5, maxLength: 5 });
  const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,20}[a-z0-9])?$/);
  fc.assert(
    fc.property(name, fc.integer({ min: 10_000_000, max: 0xff_ff_ff_ff }), suffix, (deployment, hash, random) => {
      const set = `${deployment}-${encoded(String(hash))}`;
      const expected = { kind: 'Deployment', name: deployment };
      expect(ownerByName({ kind: 'ReplicaSet', name: set })).toEqual(expected);
      expect(ownerByName({ kind: 'Pod', name: `${set}-${random}` })).toEqual(expected);
    }),
  );
});

it("leaves out of a pod's name what was generated, where there is no owner to name", () => {
  expect(
    ['fluentd-x2kqp', 'orders-0', 'orders-12', 'checkout', 'api-7d9f', '-0'].map((name) =>
      stemOf({ kind: 'Pod', name }),
    ),
  ).toEqual(['fluentd-*', 'orders-*', 'orders-*', undefined, undefined, undefined]);
  expect(stemOf({ kind: 'Node', name: 'node-1' })).toBeUndefined();
});
