import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatOptions } from '../../../../functions/core/chat/options.ts';
import type { ClusterEvent, KubeEvent } from '../../../../functions/core/contract/event.ts';
import { sampleEvent, sampleKubeEvent } from '../../../../functions/core/contract/sample.ts';
import { sizeOf } from '../../../../functions/core/kit/text.ts';
import { numberedEvent, plainMessage } from '../../../support/chat.ts';
import { nodeLost, tenPods } from '../../../support/storms.ts';
import { wellKnownEvents } from '../../../support/well-known-events.ts';

function textOf(events: readonly ClusterEvent[], max = 3000, changed: Partial<ChatOptions> = {}): string {
  return plainMessage(events, max, changed).text;
}

/** An event about a pod of its own, which nothing else is like. */
function otherEvent(index: number, fields: KubeEvent = {}): ClusterEvent {
  return numberedEvent(index, {
    involvedObject: { ...sampleKubeEvent.involvedObject, name: `service${index}` },
    ...fields,
  });
}

const lostNode = sampleEvent({
  metadata: { uid: 'lost', namespace: 'default', resourceVersion: '1' },
  reason: 'NodeNotReady',
  type: 'Normal',
  involvedObject: { apiVersion: 'v1', kind: 'Node', name: 'node-1' },
  message: 'Node node-1 status is now: NodeNotReady',
});

describe('ten pods of one ReplicaSet', () => {
  it('are one block that says ten, with how to list them', () => {
    const { title, text } = plainMessage(tenPods);

    expect(title).toBe('🟠 [prod] Failed · Deployment shop/checkout: 10 pods');
    expect(text.match(/Failed ·/g)).toHaveLength(1);
    expect(text).toContain('\nError: ImagePullBackOff\n');
    expect(text).toMatch(/\nAll of them: \$ kubectl events -n shop --types=Warning\nDigest [0-9a-f]{8}$/);
  });

  it('are one line among others', () => {
    const lines = textOf([...tenPods, lostNode]).split('\n');

    expect(lines.filter((line) => line.includes('Failed ·'))).toEqual([
      '🟠 07:59:30 Failed · Deployment shop/checkout: 10 pods (×40) · Error: ImagePullBackOff',
    ]);
  });
});

describe('a digest', () => {
  it('gives up labels first, then what happened how often, how to list all, and how many are left out', () => {
    const marks = [/^team shop/, /^NodeNotReady ×1, /, /^All of them/, /^\+2 more/, /^Digest/, /^🔴/u];
    const gone = Array.from({ length: 700 }, (_, less) =>
      textOf([otherEvent(1), lostNode], 700 - less, { labels: ['team shop'] }).split('\n'),
    )
      // Neither event has room of its own.
      .filter((lines) => !lines.some((line) => / · (Node|Pod) /.test(line)))
      .flatMap((lines) => marks.filter((mark) => !lines.some((line) => mark.test(line))));

    expect([...new Set(gone)]).toEqual(marks);
  });

  it('dates its lines from the earliest to the latest', () => {
    const at = (index: number, lastTimestamp: string) => otherEvent(index, { lastTimestamp, firstTimestamp: null });
    const list = (times: readonly string[]) =>
      textOf([lostNode, ...times.map((time, index) => at(index, time))]).match(/^2026.*$/m)?.[0];

    expect(list(['2026-11-23T06:00:00Z', '2026-11-22T07:00:00Z', '2026-11-23T05:00:00Z'])).toBe(
      '2026-11-22 07:00:00 to 2026-11-23 06:00:00 UTC',
    );
    expect(list(['2026-11-23T05:00:00Z', '2026-11-23T06:00:00Z'])).toBe('2026-11-23 05:00:00 to 06:00:00 UTC');
    expect(list(['2026-11-22T06:00:00Z', '2026-11-23T06:00:00Z'])).toBe(
      '2026-11-22 06:00:00 to 2026-11-23 06:00:00 UTC',
    );
  });

  it('says in a line how often its event has happened', () => {
    expect(textOf([lostNode, otherEvent(1, { count: 4, type: 'Normal' })])).toMatch(/Pod payments\/service1 ×4 · /);
  });

  it('gives events half of its room to be shown in full, to the byte, and a quarter to one message', () => {
    const events = [otherEvent(1, { reason: 'A' }), otherEvent(2, { reason: 'B' })];
    const whole = textOf(events, 3000);
    const blocks = whole.slice(whole.indexOf('🟠 A'), whole.indexOf('All of them'));
    const max = 2 * sizeOf(blocks, 'utf8');
    const inFull = (text: string) => text.match(/describe/g)?.length;
    expect([max, max - 1].map((each) => inFull(textOf(events, each)))).toEqual([2, 1]);

    const long = textOf([{ ...lostNode, message: 'x'.repeat(5000) }, otherEvent(1)], 4000);
    expect(sizeOf(/^x+…$/m.exec(long)?.[0] ?? '', 'utf8')).toBe(1000);
  });

  it('names a reason in 48 bytes', () => {
    const text = textOf([otherEvent(1), otherEvent(2, { reason: 'R'.repeat(60) })]);
    expect(text).toContain(`\nBackOff ×1, ${'R'.repeat(45)}… ×1\n`);
  });

  it('leaves labels out before it leaves out what happened how often', () => {
    const shown = Array.from({ length: 400 }, (_, room) => {
      const text = textOf([otherEvent(1), lostNode], room + 1, { labels: ['team shop'] });
      return { tally: text.includes('NodeNotReady ×1'), labels: text.includes('team shop') };
    });

    expect(shown.filter(({ tally, labels }) => labels && !tally)).toEqual([]);
    expect(shown.some(({ tally, labels }) => tally && !labels)).toBe(true);
  });

  it('cuts the heading of an event whose names are longer than any of Kubernetes', () => {
    const long = sampleEvent({ reason: 'R'.repeat(2000), metadata: { uid: 'long', resourceVersion: '1' } });

    for (const line of textOf([otherEvent(1), long]).split('\n')) expect(line.length).toBeLessThan(500);
  });

  it('shows what is critical in full and first, the rest in a line each, and ends with how to list all', () => {
    const lines = textOf([otherEvent(1), otherEvent(2), lostNode]).split('\n');

    expect(lines).toEqual([
      '🔴 [prod] 3 events',
      '',
      'BackOff ×2, NodeNotReady ×1',
      '',
      '🔴 NodeNotReady · Node node-1',
      'Node node-1 status is now: NodeNotReady',
      'When: 2026-11-23 07:59:30 UTC',
      'Source: kubelet on node-1',
      expect.stringMatching(/^💡 The node is unhealthy/),
      '$ kubectl describe node/node-1',
      '',
      '2026-11-23 07:59:30 UTC',
      '🟠 07:59:30 BackOff · Pod payments/service1 · Back-off restarting failed container api',
      '🟠 07:59:30 BackOff · Pod payments/service2 · Back-off restarting failed container api',
      '',
      'All of them: $ kubectl events --all-namespaces',
      '',
      expect.stringMatching(/^Digest [0-9a-f]{8}$/),
    ]);
  });

  it('shows warnings in full where nothing is critical and half of it has room, each hint once', () => {
    const text = textOf([1, 2].map((index) => otherEvent(index)));

    expect(text.match(/keeps exiting/g)).toHaveLength(1);
    expect(text.match(/\$ kubectl -n payments logs/g)).toHaveLength(2);

    const ten = textOf(Array.from({ length: 10 }, (_, index) => otherEvent(index)));
    const [, list = ''] = ten.split('\n\n2026-11-23 07:59:30 UTC\n');
    expect(ten.match(/\$ kubectl -n payments logs/g)).toHaveLength(5);
    expect(list.match(/^🟠 07:59:30 /gmu)).toHaveLength(5);
    expect(sizeOf(ten.slice(0, -list.length), 'utf8')).toBeLessThan(1700);
  });

  it('shows a lost node before its 30 pods, whose owners fill a line each', () => {
    const text = textOf(nodeLost);

    expect(text).toMatch(/^🔴 \[prod\] 31 events\n\n🔴 NodeNotReady · Node ip-10-0-1-17\n/);
    expect(text.match(/: 6 pods · Node is not ready/g)).toHaveLength(5);
    expect(text).not.toContain('more:');
  });

  it('counts what does not fit by reason, so that blocks, lines and rest make the whole', () => {
    const events = Array.from({ length: 60 }, (_, index) =>
      otherEvent(index, { reason: index % 3 === 0 ? 'Evicted' : 'BackOff' }),
    );

    const text = textOf(events, 2000);
    const shown = text.match(/ · Pod payments\/service\d+/g)?.length ?? 0;
    const [, total, rest] = /\+(\d+) more: (.*)/.exec(text) ?? [];
    const counted = [...(rest ?? '').matchAll(/×(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);

    expect(shown).toBeGreaterThan(5);
    expect(shown + Number(total)).toBe(60);
    expect(counted).toBe(Number(total));
    expect(text).toMatch(/^🔴 \[prod\] 60 events\n\nBackOff ×40, Evicted ×20\n\n🔴 Evicted/);
  });

  it('accounts for every event, whatever fits: in a block, in a line or in the rest', () => {
    const bag = fc.shuffledSubarray([...wellKnownEvents, ...nodeLost, ...tenPods], { minLength: 2 });
    fc.assert(
      fc.property(bag, fc.integer({ min: 900, max: 6000 }), (events, max) => {
        const { text, title } = plainMessage(events, max);
        if (!/ \d+ events/.test(title)) return;
        const tops = text.split('\n').filter((line) => /^(🔴|🟠|🔵) .* · /u.test(line));
        const inGroups = tops.map((line) =>
          Number(/: (\d+) (?:pods|replicasets|jobs)(?: \(×\d+\))?(?: · |$)/.exec(line)?.[1] ?? 1),
        );
        const rest = Number(/\+(\d+) more: /.exec(text)?.[1] ?? 0);
        // Events of one object are one line: only then less is said than there is.
        const objects = new Set(events.map(({ object }) => `${object.kind}/${object.name}`)).size;
        const accounted = inGroups.reduce((sum, count) => sum + count, rest);
        expect(accounted).toBeLessThanOrEqual(events.length);
        expect(accounted).toBeGreaterThanOrEqual(Math.min(objects, events.length));
        expect(sizeOf(text, 'utf8')).toBeLessThanOrEqual(max);
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ['utf8', /( word){7} wo…$/],
    ['utf16', /( word){8}…$/],
  ] as const)('shortens what the others say before it leaves any out, in %s', (unit, shortened) => {
    const message = 'word '.repeat(20);
    const events = [lostNode, ...Array.from({ length: 20 }, (_, index) => otherEvent(index, { message }))];
    const linesIn = (max: number) =>
      plainMessage(events, max, {}, { unit })
        .text.split('\n')
        .filter((line) => line.includes('07:59:30 BackOff'));

    expect(linesIn(4200)[0]).toMatch(/( word){20}$/);
    expect(linesIn(3000)[0]).toMatch(shortened);
    expect(linesIn(2000)[0]).toMatch(/ · Pod payments\/service0$/);
    expect([linesIn(4200), linesIn(3000), linesIn(2000)].map(({ length }) => length)).toEqual([20, 20, 20]);
    expect(linesIn(1200).length).toBeLessThan(20);
  });

  it('shows events however long the labels are', () => {
    const labels = Array.from({ length: 10 }, () => '集群'.repeat(100));

    expect(textOf([otherEvent(1), otherEvent(2)], 2048, { labels })).toContain('Pod payments/service2');
  });

  it('names the most frequent reasons and counts the others', () => {
    const events = Array.from({ length: 12 }, (_, index) =>
      otherEvent(index, { reason: index < 3 ? 'BackOff' : `Odd${index}` }),
    );

    expect(textOf(events).split('\n')[2]).toBe(
      'BackOff ×3, Odd3 ×1, Odd4 ×1, Odd5 ×1, Odd6 ×1, Odd7 ×1, 4 other reasons ×4',
    );
  });

  it('names seven reasons rather than six and one other', () => {
    const events = Array.from({ length: 7 }, (_, index) => otherEvent(index, { reason: `Odd${index}` }));

    expect(textOf(events).split('\n')[2]).toBe('Odd0 ×1, Odd1 ×1, Odd2 ×1, Odd3 ×1, Odd4 ×1, Odd5 ×1, Odd6 ×1');
  });

  it('names the cluster of each event where there are several', () => {
    const text = textOf([numberedEvent(1), { ...numberedEvent(2), cluster: 'staging' }]);

    expect(text).toMatch(/^🟠 \[2 clusters\] 2 events\n/);
    expect(text).toContain('🟠 [staging] BackOff · Pod payments/api-2');
  });

  it('reads differently where its events differ, whatever they say', () => {
    const twins = (uid: string) => [otherEvent(1), sampleEvent({ metadata: { ...sampleKubeEvent.metadata, uid } })];

    expect(textOf(twins('aaaaaaaa'), 600)).not.toBe(textOf(twins('bbbbbbbb'), 600));
  });

  it('keeps its heading and what tells it apart where nothing else has room', () => {
    // Reasons that escaping makes three times as long, and labels beside them.
    const events = Array.from({ length: 12 }, (_, index) => otherEvent(index, { reason: `${'@'.repeat(45)}${index}` }));
    const labels = ['<'.repeat(200), '<'.repeat(200)];

    for (const max of [120, 400, 900, 1600, 2048]) {
      const text = textOf(events, max, { labels });
      expect(sizeOf(text, 'utf8')).toBeLessThanOrEqual(max);
      expect(text).toMatch(/^🟠 \[prod\] 12 events\n[^]*Digest [0-9a-f]{8}$/);
      expect(text).not.toMatch(/@(?!\u200B)/);
    }
  });

  it('cuts a label that is too long, and leaves out those after it', () => {
    const labels = ['Owner: platform team', '容'.repeat(200), 'never seen'];
    const text = textOf([otherEvent(1), otherEvent(2)], 3000, { labels });

    expect(text).toMatch(/\n\nOwner: platform team\n容+…\n\n/);
    expect(text).not.toContain('never seen');
  });
});
