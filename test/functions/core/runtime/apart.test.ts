import { describe, expect, it } from 'vitest';
import { openMessage } from '../../../../functions/core/contract/envelope.ts';
import { sampleKubeEvent } from '../../../../functions/core/contract/sample.ts';
import { takeApart } from '../../../../functions/core/runtime/apart.ts';
import type { Outgoing } from '../../../../functions/core/runtime/queue.ts';
import { sqsRecord } from '../../../support/sqs-record.ts';

const { signal } = new AbortController();
const item = { seenAt: '2026-11-23T07:59:31Z', change: 'added', event: sampleKubeEvent };

function envelope(items: readonly unknown[], head: object = { destination: 'probe/a' }): string {
  return JSON.stringify({ v: 2, kind: 'events', cluster: 'prod', ...head, items });
}

/** Takes a record apart, of whose parts SQS takes all but the last `refused`. */
async function apart(body: string, attributes: Readonly<Record<string, string>> = {}, refused = 0) {
  const sent: Outgoing[] = [];
  const isDone = await takeApart(
    sqsRecord('1', { body, attributes, receives: 3 }),
    {
      queueUrl: 'own',
      now: () => new Date('2026-11-23T08:00:00.500Z'),
      queues: {
        async send(queueUrl, messages, given) {
          expect([queueUrl, given]).toEqual(['own', signal]);
          sent.push(...messages);
          return messages.map((_, index) => index < messages.length - refused);
        },
        delay: async () => {},
        remove: async () => {},
      },
    },
    signal,
  );
  return { isDone, sent };
}

function countIn({ body }: Outgoing): number {
  const opened = openMessage(body);
  return opened.kind === 'events' ? opened.events.length : 0;
}

describe('an envelope that is taken apart', () => {
  it.each([
    [2, [1, 1]],
    [10, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]],
    [11, [2, 2, 2, 2, 2, 1]],
    [200, [20, 20, 20, 20, 20, 20, 20, 20, 20, 20]],
  ])('of %i events becomes messages of %j', async (count, sizes) => {
    const { isDone, sent } = await apart(envelope(Array.from({ length: count }, () => item)));
    expect(isDone).toBe(true);
    expect(sent.map(countIn)).toEqual(sizes);
  });

  it('was held before or was not, and so are its parts', async () => {
    const heldOf = async (attributes: Readonly<Record<string, string>>) => {
      const { sent } = await apart(envelope([item, item]), attributes);
      return sent.map((message) => message.attributes?.['held']);
    };
    expect(await heldOf({ held: 'true' })).toEqual(['true', 'true']);
    expect(await heldOf({})).toEqual([undefined, undefined]);
  });

  it('gives what cannot be read in it a message of its own', async () => {
    const { isDone, sent } = await apart(envelope([item, { ...item, event: 7 }]));
    expect(isDone).toBe(true);
    expect(sent.map(({ body }) => JSON.parse(body).event)).toEqual([sampleKubeEvent, 7]);
  });

  it('passes its past on to its parts, which fail from now on if it did not before', async () => {
    const fresh = await apart(envelope([item, item]));
    expect(fresh.sent[0]).toMatchObject({ groupId: 'probe/a', delaySeconds: 0 });
    expect(fresh.sent[0]?.attributes).toEqual({ attempts: '0', 'retrying-since': '2026-11-23T08:00:00.500Z' });

    const past = { attempts: '4', 'retrying-since': '2026-11-23T07:00:00.000Z', replays: '2' };
    const { sent } = await apart(envelope([item, item]), { ...past, notBefore: '2026-11-23T08:01:00Z' });
    expect(sent).toMatchObject([{ delaySeconds: 60 }, { delaySeconds: 60 }]);
    expect(sent[0]?.attributes).toEqual(past);
  });

  it('of no destination yet stays in the group of its cluster', async () => {
    expect((await apart(envelope([item, item], {}))).sent[0]?.groupId).toBe('prod');
  });

  it('is not done while SQS has not taken every part', async () => {
    expect(await apart(envelope([item, item]), {}, 1)).toMatchObject({ isDone: false });
  });
});

it.each([
  ['one event', envelope([item])],
  ['nothing that can be read', 'x'],
  ['what the relay says of itself', JSON.stringify({ v: 1, kind: 'heartbeat', cluster: 'prod', seenAt: '' })],
])('a message of %s is not taken apart', async (_what, body) => {
  expect(await apart(body)).toEqual({ isDone: false, sent: [] });
});
