import { describe, expect, it } from 'vitest';
import { writeMessage } from '../../../../functions/core/contract/event.ts';
import { sampleKubeEvent } from '../../../../functions/core/contract/sample.ts';
import { parseRecord } from '../../../../functions/core/runtime/record.ts';
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
    expect(parseRecord(sqsRecord('1', { body: body('probe/a'), receives: 3 }), 'probe')).toMatchObject({
      past: { receives: 3 },
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
    expect(parseRecord(sqsRecord('1', { body: text }), 'probe')).toMatchObject({
      destination: 'probe',
      content: { name: 'MessageError', code: 'invalid_message' },
    });
  });
});
