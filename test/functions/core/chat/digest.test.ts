import { describe, expect, it } from 'vitest';
import type { ChatOptions } from '../../../../functions/core/chat/options.ts';
import type { ClusterEvent } from '../../../../functions/core/contract/event.ts';
import { sampleEvent, sampleKubeEvent } from '../../../../functions/core/contract/sample.ts';
import { sizeOf } from '../../../../functions/core/kit/text.ts';
import { numberedEvent, plainMessage } from '../../../support/chat.ts';

function textOf(events: readonly ClusterEvent[], max = 3000, changed: Partial<ChatOptions> = {}): string {
  return plainMessage(events, max, changed).text;
}

describe('a digest', () => {
  it('details all events where they fit, critical ones first, each hint once', () => {
    const node = { apiVersion: 'v1', kind: 'Node', name: 'node-1' };
    const events = [
      numberedEvent(1),
      numberedEvent(2),
      sampleEvent({
        reason: 'NodeNotReady',
        type: 'Normal',
        involvedObject: node,
        message: 'Node node-1 status is now: NodeNotReady',
      }),
    ];

    const text = textOf(events);

    expect(text).toMatch(/^🔴 \[prod\] 3 events\n\nBackOff ×2, NodeNotReady ×1\n\n🔴 NodeNotReady · Node node-1\n/);
    expect(text.match(/keeps exiting/g)).toHaveLength(1);
    expect(text.match(/\$ kubectl -n payments logs/g)).toHaveLength(2);
    expect(text).not.toContain('more:');
  });

  it('counts what does not fit by reason, so that details and rest make the whole', () => {
    const events = Array.from({ length: 60 }, (_, index) =>
      numberedEvent(index, { reason: index % 3 === 0 ? 'Evicted' : 'BackOff' }),
    );

    const text = textOf(events, 2000);
    const shown = text.match(/ · Pod payments\/api-\d+/g)?.length ?? 0;
    const [, total, rest] = /\+(\d+) more: (.*)/.exec(text) ?? [];
    const counted = [...(rest ?? '').matchAll(/×(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);

    expect(shown).toBeGreaterThan(5);
    expect(shown + Number(total)).toBe(60);
    expect(counted).toBe(Number(total));
    expect(text).toMatch(/^🔴 \[prod\] 60 events\n\nBackOff ×40, Evicted ×20\n\n2026-11-23 07:59:30 UTC\n/);
  });

  it('shows events however long the labels are', () => {
    const labels = Array.from({ length: 10 }, () => '集群'.repeat(100));

    expect(textOf([numberedEvent(1), numberedEvent(2)], 2048, { labels })).toContain('Pod payments/api-2');
  });

  it('names the most frequent reasons and counts the others', () => {
    const events = Array.from({ length: 12 }, (_, index) =>
      numberedEvent(index, { reason: index < 3 ? 'BackOff' : `Odd${index}` }),
    );

    expect(textOf(events).split('\n')[2]).toBe(
      'BackOff ×3, Odd3 ×1, Odd4 ×1, Odd5 ×1, Odd6 ×1, Odd7 ×1, 4 other reasons ×4',
    );
  });

  it('names seven reasons rather than six and one other', () => {
    const events = Array.from({ length: 7 }, (_, index) => numberedEvent(index, { reason: `Odd${index}` }));

    expect(textOf(events).split('\n')[2]).toBe('Odd0 ×1, Odd1 ×1, Odd2 ×1, Odd3 ×1, Odd4 ×1, Odd5 ×1, Odd6 ×1');
  });

  it('names the cluster of each event where there are several', () => {
    const text = textOf([numberedEvent(1), { ...numberedEvent(2), cluster: 'staging' }]);

    expect(text).toMatch(/^🟠 \[2 clusters\] 2 events\n/);
    expect(text).toContain('🟠 [staging] BackOff · Pod payments/api-2');
  });

  it('reads differently where its events differ, whatever they say', () => {
    const twins = (uid: string) => [numberedEvent(1), sampleEvent({ metadata: { ...sampleKubeEvent.metadata, uid } })];

    expect(textOf(twins('aaaaaaaa'), 600)).not.toBe(textOf(twins('bbbbbbbb'), 600));
  });

  it('keeps its heading and what tells it apart where nothing else has room', () => {
    // Reasons that escaping makes three times as long, and labels beside them.
    const events = Array.from({ length: 12 }, (_, index) =>
      numberedEvent(index, { reason: `${'@'.repeat(45)}${index}` }),
    );
    const labels = ['<'.repeat(200), '<'.repeat(200)];

    for (const max of [120, 400, 900, 1600, 2048]) {
      const text = textOf(events, max, { labels });
      expect(sizeOf(text, 'utf8')).toBeLessThanOrEqual(max);
      expect(text).toMatch(/^🟠 \[prod\] 12 events\n[^]*Digest [0-9a-f]{8}$/);
      expect(text).not.toMatch(/@(?!\u200B)/);
    }
  });

  it('cuts a label that is too long, and leaves out those after it', () => {
    const labels = ['Owner: platform team', '<'.repeat(200), 'never seen'];
    const text = textOf([numberedEvent(1), numberedEvent(2)], 3000, { labels });

    expect(text).toMatch(/\n\nOwner: platform team\n＜+…\n\n/);
    expect(text).not.toContain('never seen');
  });
});
