import { expect, test } from 'vitest';
import { askedContext } from '../../../relay/context/asked-context.ts';
import type { Answer } from '../../../relay/context/lookup.ts';
import { createContextMemory } from '../../../relay/context/memory.ts';
import type { Metadata } from '../../../relay/context/metadata.ts';
import type { ObjectRef } from '../../../relay/context/object.ts';

const ref = (kind: string, name: string, namespace = 'shop'): ObjectRef => ({
  apiVersion: 'v1',
  kind,
  namespace,
  name,
  uid: '',
});
const found = (controller?: ObjectRef, labels: Metadata['labels'] = {}): Answer => ({
  kind: 'found',
  metadata: { uid: '', labels, annotations: {}, controller },
});

const POD = 'web-6c9f7d5b8-x2kqp';
const pod = ref('Pod', POD);
const set = ref('ReplicaSet', 'web-6c9f7d5b8');
const rollout = ref('Rollout', 'web');

/** The context of the pod, where these answers are known, by kind, and events have told of its node and perhaps of its controllers. */
function contextWith(answers: Readonly<Record<string, Answer>>, { isTold = false, namespaces = true } = {}) {
  const memory = createContextMemory(100);
  const kubelet = { component: 'kubelet', host: 'node-1' };
  memory.learn({ involvedObject: { ...pod }, source: kubelet });
  if (isTold) {
    const made = `Created pod: ${POD}`;
    memory.learn({ involvedObject: { ...set }, reason: 'SuccessfulCreate', message: made });
    const scaled = 'Scaled up replica set web-6c9f7d5b8 from 0 to 1';
    memory.learn({ involvedObject: { ...ref('Deployment', 'told') }, reason: 'ScalingReplicaSet', message: scaled });
  }
  const lookup = {
    get: ({ kind, apiVersion }: ObjectRef) => ({
      answer: answers[kind],
      isDue: apiVersion !== '' && answers[kind] === undefined,
    }),
  };
  const team = { uid: '', labels: { team: 'shop' }, annotations: {}, controller: undefined };
  return askedContext({ memory, lookup, namespaces: namespaces ? { of: () => team } : undefined }, pod);
}

const rest = { node: 'node-1', namespaceLabels: { team: 'shop' }, namespaceAnnotations: {} };
const own = { labels: { app: 'web' }, annotations: {} };

test('owner references decide where they are read, whatever events and names say', () => {
  const answers = { Pod: found(set, own.labels), ReplicaSet: found(rollout), Rollout: found() };
  const expected = {
    context: { owner: { kind: 'Rollout', name: 'web' }, ...own, ...rest },
    due: undefined,
    answer: 'found',
  };
  expect(contextWith(answers)).toEqual(expected);
  expect(contextWith(answers, { isTold: true })).toEqual(expected);
});

test('what has no controller has no owner, whatever its name says', () => {
  expect(contextWith({ Pod: found(undefined, own.labels) }).context).toEqual({ ...own, ...rest });
});

test('while a controller is still to be asked about, it may not be the topmost', () => {
  const answers = { Pod: found(set, own.labels), ReplicaSet: found(rollout) };
  expect(contextWith(answers)).toMatchObject({
    context: { owner: { kind: 'Rollout', name: 'web', guessed: true } },
    due: rollout,
  });
});

test('a controller that may not be read is the topmost that is known', () => {
  const answers = { Pod: found(set), ReplicaSet: found(rollout), Rollout: { kind: 'forbidden' } as const };
  expect(contextWith(answers)).toMatchObject({ context: { owner: { kind: 'Rollout', name: 'web' } }, due: undefined });
  expect(contextWith(answers).context.owner).not.toHaveProperty('guessed');
});

test.each(['missing', 'forbidden', 'failed'] as const)(
  'of an object that is %s, events and names tell what they can',
  (kind) => {
    expect(contextWith({ Pod: { kind } })).toEqual({
      context: { owner: { kind: 'Deployment', name: 'web', guessed: true }, ...rest },
      due: undefined,
      answer: kind,
    });
    expect(contextWith({ Pod: { kind } }, { isTold: true }).context.owner).toEqual({
      kind: 'Deployment',
      name: 'told',
    });
  },
);

test('what is due is the object, then its controllers, then its namespace, if that is to be asked for', () => {
  const namespace = ref('Namespace', 'shop', '');
  const dueWith = (answers: Readonly<Record<string, Answer>>) => contextWith(answers, { namespaces: false }).due;
  expect(dueWith({})).toEqual(pod);
  expect(dueWith({ Pod: found(set) })).toEqual(set);
  expect(dueWith({ Pod: found(set), ReplicaSet: found() })).toEqual(namespace);
  expect(dueWith({ Pod: found(set), ReplicaSet: found(), Namespace: found() })).toBeUndefined();
});
