import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupsOf } from '../../../../functions/core/chat/groups.ts';
import { viewOf } from '../../../../functions/core/chat/view.ts';
import type { EventContext } from '../../../../functions/core/contract/context.ts';
import { sampleEvent } from '../../../../functions/core/contract/sample.ts';
import { SEVERITIES } from '../../../../functions/core/contract/severity.ts';
import { chatOptions, numberedEvent } from '../../../support/chat.ts';
import { nodeLost, podEvent, tenPods } from '../../../support/storms.ts';
import { wellKnownEvents } from '../../../support/well-known-events.ts';

function titles(events: Parameters<typeof groupsOf>[0]): readonly string[] {
  return groupsOf(events).map((group) => viewOf(group, chatOptions).title);
}

describe('groups', () => {
  it('are of one owner and one reason, and say how many objects it is about', () => {
    expect(titles(tenPods)).toEqual(['Failed · Deployment shop/checkout: 10 pods']);
    expect(titles(nodeLost)).toEqual([
      'NodeNotReady · Node ip-10-0-1-17',
      'NodeNotReady · Deployment shop/checkout: 6 pods',
      'NodeNotReady · Deployment shop/storefront: 6 pods',
      'NodeNotReady · Deployment shop/search: 6 pods',
      'NodeNotReady · Deployment shop/ledger: 6 pods',
      'NodeNotReady · DaemonSet shop/fluentd: 6 pods',
    ]);
  });

  it('are of what the relay says is the owner, whatever the names, else of names that are generated alike', () => {
    const told = (owner: EventContext['owner'] = { kind: 'Rollout', name: 'api' }) =>
      [1, 2].map((index) => ({ ...numberedEvent(index), owner }));
    const other = { ...numberedEvent(3), owner: { kind: 'StatefulSet', name: 'api' } };

    expect(titles([...told(), other])).toEqual([
      'BackOff · Rollout payments/api: 2 pods',
      'BackOff · Pod payments/api-3',
    ]);
    expect(titles(told({ kind: 'Node', name: 'node-1' }))).toEqual(['BackOff · Node node-1: 2 pods']);
    expect(titles([1, 2].map((index) => numberedEvent(index)))).toEqual(['BackOff · Pod payments/api-*: 2 pods']);
  });

  it('hold one object under its own name, however often it is told of', () => {
    const twice = [sampleEvent(), sampleEvent({ metadata: { uid: 'other' } })];

    expect(titles(twice)).toEqual(['BackOff · Pod payments/api-7d9f']);
  });

  it.each([
    ['cluster', { ...numberedEvent(2), cluster: 'staging' }],
    ['namespace', podEvent(2, 'api', { involvedObject: { kind: 'Pod', namespace: 'shop', name: 'api-2' } })],
    ['kind', numberedEvent(2, { involvedObject: { kind: 'Node', name: 'api-2' } })],
    ['reason', numberedEvent(2, { reason: 'Unhealthy' })],
    ['explanation', numberedEvent(2, { message: 'Back-off pulling image "x"' })],
  ])('are not of two, where the %s differs', (_, other) => {
    expect(groupsOf([numberedEvent(1), other])).toHaveLength(2);
    expect(groupsOf([numberedEvent(1), numberedEvent(2)])).toHaveLength(1);
  });

  it('begin with the most serious event, and of these the latest', () => {
    const times = ['07:59:10', '07:59:45', '07:59:30'];
    const late = times.map((time, index) => numberedEvent(index, { lastTimestamp: `2026-11-23T${time}Z` }));
    const lasting = numberedEvent(9, { count: 30 });

    expect(groupsOf([...late, lasting])[0]?.map(({ object }) => object.name)).toEqual([
      'api-9',
      'api-1',
      'api-2',
      'api-0',
    ]);
  });

  it('hold every event once, the most serious groups first', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...wellKnownEvents, ...nodeLost]), (events) => {
        const groups = groupsOf(events);
        expect(
          groups
            .flat()
            .map(({ id }) => id)
            .toSorted(),
        ).toEqual(events.map(({ id }) => id).toSorted());
        const ranks = groups.map(([{ severity }]) => SEVERITIES.indexOf(severity));
        expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('the view of a group', () => {
  const view = (events: Parameters<typeof groupsOf>[0]) =>
    groupsOf(events).map((group) =>
      Object.fromEntries(viewOf(group, chatOptions).facts.map(({ label, value }) => [label, value])),
    );

  it('names some of its objects, sums up their occurrences and counts their nodes', () => {
    expect(view(tenPods)).toEqual([
      {
        Objects: 'checkout-6c9f7d5b8-xbbbp, checkout-6c9f7d5b8-xbbcp, checkout-6c9f7d5b8-xbbdp, +7',
        When: '40 times since 2026-11-23 07:55:00, last at 07:59:30 UTC',
        Source: 'kubelet on 3 nodes',
      },
    ]);
  });

  it('says where its events differ in more than names, ids and numbers', () => {
    const message = (index: number) =>
      `Back-off restarting api in pod api-${index}_payments(0f6c9a52-4a5e-4a0f-8f6a-6d8b0c1f2e3${index})`;

    expect(view([1, 2].map((index) => numberedEvent(index, { message: message(index) })))[0]).not.toHaveProperty(
      'Texts',
    );
    expect(
      view([1, 2].map((index) => numberedEvent(index, { message: `one ${'another '.repeat(index)}` })))[0],
    ).toMatchObject({
      Texts: '2 different ones, this is the latest',
    });
  });

  it('says that its owner is a guess, where nobody has told it', () => {
    const owned = (guessed: boolean) =>
      [1, 2].map((index) => ({
        ...numberedEvent(index),
        owner: { kind: 'Deployment', name: 'api', ...(guessed && { guessed }) },
      }));

    expect(view(owned(true))[0]).toMatchObject({ Owner: 'Deployment api (probably)' });
    expect(view(owned(false))[0]).not.toHaveProperty('Owner');
    expect(view([...owned(true).slice(1), ...owned(false)])[0]).not.toHaveProperty('Owner');
  });

  it('counts the nodes of its objects, where nothing else does', () => {
    const [first, second] = [1, 2].map((index) => ({ ...numberedEvent(index), node: `node-${index}` }));
    if (!first || !second) throw new Error('there are two');
    const ofOneNode = { ...second, node: 'node-1' };

    expect(view([first, second])[0]).toMatchObject({ Node: '2 nodes' });
    expect(view([first, ofOneNode])[0]).not.toHaveProperty('Node');
  });

  it('names its container and node where that is one', () => {
    expect(view([numberedEvent(1), numberedEvent(2)])[0]).toMatchObject({
      Container: 'api',
      Source: 'kubelet on node-1',
    });
  });
});
