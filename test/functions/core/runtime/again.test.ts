import { expect, it } from 'vitest';
import { openMessage } from '../../../../functions/core/contract/envelope.ts';
import { retry } from '../../../../functions/core/contract/outcome.ts';
import { sampleKubeEvent } from '../../../../functions/core/contract/sample.ts';
import { messagesAnew, type Again } from '../../../../functions/core/runtime/again.ts';
import { isRead, openRecord } from '../../../../functions/core/runtime/record.ts';
import { sqsRecord } from '../../../support/sqs-record.ts';

const now = (): Date => new Date('2026-11-23T08:00:00Z');

/** Events of one envelope that all failed alike; `since` is when they failed first. */
function failed(count: number, since?: string, more: Readonly<Record<string, string>> = {}): readonly Again[] {
  const items = Array.from({ length: count }, () => ({ seenAt: '', change: 'added', event: sampleKubeEvent }));
  const body = JSON.stringify({ v: 2, kind: 'events', cluster: 'prod', destination: 'probe/a', items });
  const attributes = since === undefined ? undefined : { attempts: '1', 'retrying-since': since, ...more };
  const record = sqsRecord('1', { body, ...(attributes && { attributes }) });
  return openRecord(record, 'probe')
    .filter(isRead)
    .map((item) => ({ item, after: retry('busy', 'later') }));
}

it('sends events anew in envelopes of as many as the sink takes, each after a time of its own', () => {
  const jitter = [0, 0.5, 1];
  const messages = messagesAnew(failed(5), { baseSeconds: 30, maxEvents: 2, now, random: () => jitter.shift() ?? 0 });

  const held = messages.map(({ message }) => openMessage(message.body));
  expect(held.map((opened) => (opened.kind === 'events' ? opened.events.length : 0))).toEqual([2, 2, 1]);
  expect(messages.map(({ items }) => items.length)).toEqual([2, 2, 1]);
  expect(messages.map(({ message }) => message.delaySeconds)).toEqual([27, 30, 33]);
});

it('tells the age of the one that has been failing the longest', () => {
  const all = [...failed(1, '2026-11-23T07:30:00.000Z'), ...failed(1, '2026-11-23T07:00:00.000Z')];
  const [together, ...others] = messagesAnew(all, { baseSeconds: 30, maxEvents: undefined, now, random: () => 0.5 });

  expect(others).toEqual([]);
  expect(together?.message.attributes).toEqual({ attempts: '2', 'retrying-since': '2026-11-23T07:00:00.000Z' });
});

it('does not hold an event a second time because it failed, and tells those apart that were never held', () => {
  const since = '2026-11-23T07:30:00.000Z';
  const all = [...failed(2, since, { held: 'true' }), ...failed(1, since)];
  const messages = messagesAnew(all, { baseSeconds: 30, maxEvents: undefined, now, random: () => 0.5 });

  expect(messages.map(({ items, message }) => [items.length, message.attributes?.['held']])).toEqual([
    [2, 'true'],
    [1, undefined],
  ]);
});
