import fc from 'fast-check';
import * as z from 'zod/mini';
import { describe, expect, it } from 'vitest';
import { plainDialect } from '../../../../functions/core/chat/dialect.ts';
import { fit, type Block } from '../../../../functions/core/chat/fit.ts';
import { chatMessage } from '../../../../functions/core/chat/message.ts';
import { chatFields, type ChatOptions } from '../../../../functions/core/chat/options.ts';
import { byteLength } from '../../../../functions/core/chat/text.ts';
import { parseWith } from '../../../../functions/core/contract/config.ts';
import type { ClusterEvent, KubeEvent } from '../../../../functions/core/contract/event.ts';
import { sampleEvent, sampleKubeEvent } from '../../../../functions/core/contract/sample.ts';
import { anyText } from '../../../support/any-text.ts';

const options: ChatOptions = { language: 'en', timeZone: 'UTC', links: {}, labels: [] };

function textOf(events: readonly ClusterEvent[], maxBytes = 3000, changed: Partial<ChatOptions> = {}): string {
  const all = { ...options, ...changed };
  return chatMessage(events, all, { dialect: plainDialect(all.language), maxBytes }).text;
}

function numbered(index: number, fields: KubeEvent = {}): ClusterEvent {
  return sampleEvent({
    ...fields,
    metadata: { ...sampleKubeEvent.metadata, uid: `uid-${index}` },
    involvedObject: { ...sampleKubeEvent.involvedObject, name: `api-${index}` },
  });
}

describe('the options', () => {
  const schema = z.strictObject(chatFields);

  it('have defaults for everything', () => {
    expect(parseWith(schema, {})).toEqual({ value: options });
  });

  it.each([
    [{ language: 'de' }, 'language'],
    [{ timeZone: 'Peking' }, 'timeZone'],
    [{ links: { Logs: 'https://example.com/${ event.pod }' } }, 'links.Logs'],
    [{ links: { a: 'x', b: 'x', c: 'x', d: 'x', e: 'x', f: 'x' } }, 'links'],
    [{ labels: [''] }, 'labels[0]'],
  ])('name the mistake in %j', (document, field) => {
    expect(parseWith(schema, document)).toMatchObject({ problems: [{ field }] });
  });
});

describe('one event', () => {
  it('shows everything in the order a person needs it', () => {
    const changed = {
      links: { Runbook: 'https://wiki.example.com/${ event.reason }' },
      labels: ['Owner: platform team'],
    };

    expect(textOf([sampleEvent({ count: 12 })], 3000, changed).split('\n')).toEqual([
      '🟠 [prod] BackOff · Pod payments/api-7d9f',
      'Back-off restarting failed container api',
      'Container: api',
      'When: 12 times since 2026-11-23 07:55:00, last at 07:59:30 UTC',
      'Source: kubelet on node-1',
      '💡 The container keeps exiting; the pause before each restart grows up to five minutes. The last log lines of its previous run usually say why.',
      '$ kubectl -n payments describe pod/api-7d9f',
      '$ kubectl -n payments logs pod/api-7d9f -c api --previous --tail=50',
      'Runbook: https://wiki.example.com/BackOff',
      'Owner: platform team',
      'Event 5a0c6d1e/184467',
    ]);
  });

  it('cuts a long message and keeps everything else', () => {
    const text = textOf([sampleEvent({ message: `first ${'lorem ipsum '.repeat(1000)}` })], 1500);

    expect(byteLength(text)).toBeGreaterThan(1450);
    expect(byteLength(text)).toBeLessThanOrEqual(1500);
    expect(text).toMatch(/lor?e?m?…\n|ipsum…\n|…\nContainer/);
    expect(text).toContain('Event 5a0c6d1e/184467');
  });

  it('leaves out the least important where even that is not enough', () => {
    const text = textOf([sampleEvent({ message: 'lorem ipsum '.repeat(1000) })], 500);

    expect(text).toMatch(/^🟠 \[prod\] BackOff · Pod payments\/api-7d9f\nlorem ipsum/);
    expect(text).not.toContain('Event 5a0c6d1e');
  });

  it('says something even about an event that says nothing', () => {
    const empty = sampleEvent({ reason: '', message: '', type: '', involvedObject: {}, source: {} });

    expect(textOf([empty]).split('\n')).toEqual([
      '🟠 [prod] Event',
      'When: 2026-11-23 07:59:30 UTC',
      'Event 5a0c6d1e/184467',
    ]);
  });

  it('shows only the last of several versions of an event', () => {
    const versions = [1, 30, 2].map((count) => sampleEvent({ count }));

    expect(textOf(versions)).toContain('30 times');
    expect(textOf(versions)).not.toContain('3 events');
  });
});

describe('a digest', () => {
  it('details all events where they fit, critical ones first, each hint once', () => {
    const node = { apiVersion: 'v1', kind: 'Node', name: 'node-1' };
    const events = [
      numbered(1),
      numbered(2),
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
      numbered(index, { reason: index % 3 === 0 ? 'Evicted' : 'BackOff' }),
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

    expect(textOf([numbered(1), numbered(2)], 2048, { labels })).toContain('Pod payments/api-2');
  });

  it('names the most frequent reasons and counts the others', () => {
    const events = Array.from({ length: 12 }, (_, index) =>
      numbered(index, { reason: index < 3 ? 'BackOff' : `Odd${index}` }),
    );

    expect(textOf(events).split('\n')[2]).toBe(
      'BackOff ×3, Odd3 ×1, Odd4 ×1, Odd5 ×1, Odd6 ×1, Odd7 ×1, 4 other reasons ×4',
    );
  });

  it('names the cluster of each event where there are several', () => {
    const text = textOf([numbered(1), { ...numbered(2), cluster: 'staging' }]);

    expect(text).toMatch(/^🟠 \[2 clusters\] 2 events\n/);
    expect(text).toContain('🟠 [staging] BackOff · Pod payments/api-2');
  });

  it('reads differently where its events differ, whatever they say', () => {
    const twins = (uid: string) => [numbered(1), sampleEvent({ metadata: { ...sampleKubeEvent.metadata, uid } })];

    expect(textOf(twins('aaaaaaaa'), 600)).not.toBe(textOf(twins('bbbbbbbb'), 600));
  });
});

describe('every message', () => {
  const text = fc.oneof(anyText(400), fc.constantFrom('x'.repeat(100_000), '容'.repeat(5000), '<@&`'.repeat(500)));
  const event = fc.record({
    message: text,
    reason: text,
    type: fc.constantFrom('Normal', 'Warning', ''),
    count: fc.integer(),
    uid: fc.string({ maxLength: 10 }),
    name: text,
    host: text,
  });

  it('stays within its bytes, is well formed and names its severity', () => {
    fc.assert(
      fc.property(
        fc.array(event, { minLength: 1, maxLength: 15 }),
        fc.integer({ min: 700, max: 4096 }),
        fc.constantFrom('en', 'zh'),
        (list, maxBytes, language) => {
          const events = list.map(({ uid, name, host, ...fields }) =>
            sampleEvent({
              ...fields,
              metadata: { uid },
              involvedObject: { kind: 'Pod', namespace: name, name },
              source: { host },
            }),
          );
          const message = chatMessage(events, { ...options, language }, { dialect: plainDialect(language), maxBytes });
          expect(byteLength(message.text)).toBeLessThanOrEqual(maxBytes);
          expect(byteLength(message.title)).toBeLessThanOrEqual(240);
          expect(`${message.title}${message.text}`.isWellFormed()).toBe(true);
          expect(message.text).toMatch(/^(🔴|🟠|🔵) \[prod\] /u);
          expect(message.title).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('fitting paragraphs', () => {
  const block = (rank: number, text: string): Block => ({ rank, text });

  it('leaves out the highest rank first, and the later of equals', () => {
    expect(fit([block(0, 'aaaa'), block(2, 'bbbb'), block(1, 'cccc'), block(2, 'dddd')], '\n', 14)).toBe(
      'aaaa\nbbbb\ncccc',
    );
    expect(fit([block(0, 'aaaa'), block(2, 'bbbb'), block(1, 'cccc'), block(2, 'dddd')], '\n', 9)).toBe('aaaa\ncccc');
    expect(fit([block(0, 'aaaaaaaa'), block(1, 'b')], '\n', 5)).toBe('aa…');
  });
});
