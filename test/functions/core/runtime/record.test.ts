import { describe, expect, it } from 'vitest';
import type { SQSRecord } from 'aws-lambda';
import { writeMessage } from '../../../../functions/core/contract/event.ts';
import { sampleKubeEvent } from '../../../../functions/core/contract/sample.ts';
import { parseRecord, receiveCount, replaysOf } from '../../../../functions/core/runtime/record.ts';

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

function record(text: string, receives = '1', replays?: string): SQSRecord {
  return {
    messageId: 'id',
    receiptHandle: 'handle',
    body: text,
    attributes: {
      ApproximateReceiveCount: receives,
      SentTimestamp: '0',
      SenderId: '',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: replays === undefined ? {} : { replays: { dataType: 'String', stringValue: replays } },
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: '',
    awsRegion: '',
  };
}

describe('a record', () => {
  it('is read as an event for a destination of its sink', () => {
    expect(parseRecord(record(body('probe/a'), '3'), 'probe')).toMatchObject({
      receives: 3,
      destination: 'probe/a',
      content: { cluster: 'prod', reason: 'BackOff' },
    });
  });

  it.each([
    ['of another sink', body('probe-two/a')],
    ['of no destination', body()],
    ['that is no event', JSON.stringify({ v: 1, kind: 'heartbeat', cluster: 'prod', seenAt: '' })],
    ['that is no JSON', 'x'],
  ])('%s keeps its reason, and counts for the sink as a whole', (_name, text) => {
    expect(parseRecord(record(text), 'probe')).toMatchObject({
      destination: 'probe',
      content: { name: 'MessageError', code: 'invalid_message' },
    });
  });

  it('was received once at least', () => {
    expect(['1', '7', '', 'x', '0', '-1'].map((receives) => receiveCount(record('', receives)))).toEqual([
      1, 7, 1, 1, 1, 1,
    ]);
  });

  it('says how often it was replayed', () => {
    expect([replaysOf(record('', '1', '2')), replaysOf(record(''))]).toEqual(['2', undefined]);
  });
});
