import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Entry } from '../../../relay/queue/backlog.ts';
import { MAX_ENVELOPE_BYTES, MAX_EVENTS } from '../../../functions/core/contract/envelope.ts';
import { envelopesOf } from '../../../relay/queue/envelope.ts';
import { eventMessage } from '../../../relay/queue/message.ts';
import { messagesIn } from '../../support/messages.ts';
import { entry } from '../../support/queue-entry.ts';

const event = (uid: string, message: string): Entry => {
  const outgoing = eventMessage('prod', 'added', { metadata: { uid, resourceVersion: '1' }, message }, undefined);
  return entry(outgoing.body, { message: outgoing });
};
const many = (count: number, text: (nth: number) => string): readonly Entry[] =>
  Array.from({ length: count }, (_, nth) => event(`uid-${nth}`, text(nth)));
const bodies = (entries: readonly Entry[]): readonly string[] => entries.map(({ message }) => message.body);

test('an event alone travels as it is', () => {
  const alone = many(1, () => 'text');
  expect(envelopesOf('prod', alone)).toEqual(alone);
  expect(envelopesOf('prod', [])).toEqual([]);
});

test('events that fit travel as plain JSON, which people can read', () => {
  const parts = many(3, (nth) => `text ${nth}`);
  const [envelope, ...more] = envelopesOf('prod', parts);
  expect(more).toEqual([]);
  expect(JSON.parse(envelope?.message.body ?? '')).toMatchObject({
    v: 2,
    kind: 'events',
    cluster: 'prod',
    items: [{ change: 'added', event: { message: 'text 0' } }, {}, {}],
  });
  expect(envelope).toMatchObject({ parts, isolated: false, bytes: Buffer.byteLength(envelope?.message.body ?? '') });
});

test('more than fits is compressed, with the number of events beside it', () => {
  const [envelope, ...more] = envelopesOf(
    'prod',
    many(MAX_EVENTS, (nth) => `${'Back-off restarting '.repeat(40)}${nth}`),
  );
  expect(more).toEqual([]);
  expect(JSON.parse(envelope?.message.body ?? '')).toMatchObject({
    v: 2,
    count: MAX_EVENTS,
    gzip: expect.any(String),
  });
  expect(messagesIn(envelope?.message.body ?? '')).toHaveLength(MAX_EVENTS);
});

test('whatever the events, all are carried once, in their order, and within the bounds', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 50 }),
    fc.nat(9).map((nth) => String.fromCharCode(97 + nth).repeat(20_000)),
    // What does not compress.
    fc.uint8Array({ minLength: 4000, maxLength: 4000 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  );
  fc.assert(
    fc.property(fc.array(texts, { maxLength: 40 }), (all) => {
      const parts = many(all.length, (nth) => all[nth] ?? '');
      const sent = envelopesOf('prod', parts);
      expect(bodies(sent).flatMap(messagesIn)).toEqual(bodies(parts).flatMap(messagesIn));
      for (const { message, parts: inside } of sent)
        if (inside.length > 0) expect(Buffer.byteLength(message.body)).toBeLessThanOrEqual(MAX_ENVELOPE_BYTES);
    }),
    { numRuns: 30 },
  );
});

test('an accepted envelope is the acceptance of each of its events', () => {
  const told: string[] = [];
  const parts = many(2, () => '').map((part, nth) => ({ ...part, accepted: () => void told.push(`event ${nth}`) }));
  for (const envelope of envelopesOf('prod', parts)) envelope.accepted();
  expect(told).toEqual(['event 0', 'event 1']);
});
