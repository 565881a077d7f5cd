import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatOptions } from '../../../../functions/core/chat/options.ts';
import type { ClusterEvent } from '../../../../functions/core/contract/event.ts';
import { sampleEvent } from '../../../../functions/core/contract/sample.ts';
import { sizeOf } from '../../../../functions/core/kit/text.ts';
import { anyText } from '../../../support/any-text.ts';
import { plainMessage } from '../../../support/chat.ts';

function textOf(events: readonly ClusterEvent[], max = 3000, changed: Partial<ChatOptions> = {}): string {
  return plainMessage(events, max, changed).text;
}

describe('one event', () => {
  it('shows everything in the order a person needs it', () => {
    const changed = {
      links: { Runbook: 'https://wiki.example.com/${ event.reason }' },
      labels: ['Owner: platform team'],
    };

    expect(textOf([sampleEvent({ count: 12 })], 3000, changed).split('\n')).toEqual([
      '🔴 [prod] BackOff · Pod payments/api-7d9f',
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

    expect(sizeOf(text, 'utf8')).toBeGreaterThan(1450);
    expect(sizeOf(text, 'utf8')).toBeLessThanOrEqual(1500);
    expect(text).toMatch(/lor?e?m?…\n|ipsum…\n|…\nContainer/);
    expect(text).toContain('Event 5a0c6d1e/184467');
  });

  it('leaves out the least important where even that is not enough', () => {
    const text = textOf([sampleEvent({ message: 'lorem ipsum '.repeat(1000) })], 500);

    expect(text).toMatch(/^🟠 \[prod\] BackOff · Pod payments\/api-7d9f\nlorem ipsum/);
    expect(text).not.toContain('$ kubectl');
  });

  it('gives up labels first, then links, commands, the hint and the facts, and last its message', () => {
    const event = sampleEvent();
    const changed = { links: { Runbook: 'https://wiki.example.com/' }, labels: ['Owner: platform team'] };
    const marks = [
      'Back-off',
      'Digest',
      'When:',
      '💡',
      '$ kubectl -n payments describe',
      'All of them',
      'Runbook',
      'Owner',
    ];
    const twice = [event, { ...event, uid: 'other' }];
    const gone = Array.from({ length: 1000 }, (_, less) => textOf(twice, 1000 - less, changed)).flatMap((text) =>
      marks.filter((mark) => !text.includes(mark)),
    );

    expect([...new Set(gone)]).toEqual(marks.toReversed());
  });

  it('keeps what tells it from another that reads alike: WeCom shows of two equal messages only one', () => {
    const labels = ['label '.repeat(60)];
    const event = sampleEvent({ message: 'x'.repeat(9000), source: { host: '<'.repeat(250) } });

    for (const max of [400, 700, 1500]) expect(textOf([event], max, { labels })).toContain('Event 5a0c6d1e/184467');
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

  it('shows the later of two versions that count the same, in whatever order they come', () => {
    const versions = ['07:59:30', '07:59:45', '07:59:10'].map((time) =>
      sampleEvent({ lastTimestamp: `2026-11-23T${time}Z` }),
    );

    expect(textOf(versions)).toContain('When: 2026-11-23 07:59:45 UTC');
    expect(textOf(versions.toReversed())).toContain('When: 2026-11-23 07:59:45 UTC');
  });

  it('is not taken for another of the same uid in another cluster', () => {
    const twins = [sampleEvent(), { ...sampleEvent(), cluster: 'staging' }];

    expect(textOf(twins)).toMatch(/^🟠 \[2 clusters\] 2 events\n/);
  });

  it('has its links in the text, or leaves them to buttons', () => {
    const links = { Logs: 'https://logs.example.com/' };
    const written = plainMessage([sampleEvent()], 3000, { links });
    const buttons = plainMessage([sampleEvent()], 3000, { links }, { links: 'buttons' });

    expect(written.text).toContain('Logs: https://logs.example.com/');
    expect(buttons.text).not.toContain('logs.example.com');
    expect(buttons.links).toEqual([{ title: 'Logs', url: 'https://logs.example.com/' }]);
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
          const message = plainMessage(events, maxBytes, { language });
          expect(sizeOf(message.text, 'utf8')).toBeLessThanOrEqual(maxBytes);
          expect(sizeOf(message.title, 'utf8')).toBeLessThanOrEqual(240);
          expect(`${message.title}${message.text}`.isWellFormed()).toBe(true);
          expect(message.text).toMatch(/^(🔴|🟠|🔵) \[prod\] /u);
          expect(message.title).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        },
      ),
      { numRuns: 60 },
    );
  });
});
