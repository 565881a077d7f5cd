import { describe, expect, it } from 'vitest';
import { MessageError, writeMessage } from '../../../../functions/core/contract/message.ts';
import { sampleKubeEvent } from '../../../../functions/core/contract/sample.ts';
import { openRecord } from '../../../../functions/core/runtime/record.ts';
import { sqsRecord } from '../../../support/sqs-record.ts';

const body = (destination?: string): string =>
  writeMessage({
    v: 1,
    kind: 'event',
    cluster: 'prod',
    seenAt: '2026-11-23T08:00:00Z',
    change: 'added',
    event: sampleKubeEvent,
    ...(destination !== undefined && { destination }),
  });

describe('a record', () => {
  it('is read as an event for a destination of its sink', () => {
    const record = sqsRecord('1', { body: body('probe/a'), receives: 3 });
    const [item, ...rest] = openRecord(record, 'probe');

    expect(rest).toEqual([]);
    expect(item).toMatchObject({
      past: { receives: 3 },
      destination: 'probe/a',
      content: { cluster: 'prod', reason: 'BackOff' },
      isAlone: true,
    });
    expect(item?.body()).toBe(record.body);
  });

  it('is read as the events of an envelope, each of which can stand alone, and what is no event among them', () => {
    const { v: _, kind: __, cluster, destination, ...item } = JSON.parse(body('probe/a'));
    const envelope = { v: 2, kind: 'events', cluster, destination, items: [item, { ...item, event: 7 }, item] };
    const items = openRecord(sqsRecord('1', { body: JSON.stringify(envelope) }), 'probe');

    expect(items.map(({ content, isAlone }) => [content instanceof MessageError, isAlone])).toEqual([
      [false, false],
      [false, false],
      [true, false],
    ]);
    expect(items.map((each) => JSON.parse(each.body()))).toEqual([
      JSON.parse(body('probe/a')),
      JSON.parse(body('probe/a')),
      { ...JSON.parse(body('probe/a')), event: 7 },
    ]);
    expect(items[2]).toMatchObject({ destination: 'probe/a', content: { code: 'invalid_message' } });
  });

  it.each([
    ['of another sink', body('probe-two/a')],
    ['of no destination', body()],
    ['that is no event', JSON.stringify({ v: 1, kind: 'heartbeat', cluster: 'prod', seenAt: '' })],
    ['that is no JSON', 'x'],
  ])('%s keeps its reason, and counts for the sink as a whole', (_name, text) => {
    expect(openRecord(sqsRecord('1', { body: text }), 'probe')).toMatchObject([
      { destination: 'probe', content: { name: 'MessageError', code: 'invalid_message' } },
    ]);
  });
});
