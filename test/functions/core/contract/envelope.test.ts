import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  itemOf,
  MAX_ENVELOPE_BYTES,
  MAX_EVENTS,
  MAX_PLAIN_BYTES,
  openMessage,
  pack,
  type OpenedEvents,
} from '../../../../functions/core/contract/envelope.ts';
import { parseMessage, type EventMessage } from '../../../../functions/core/contract/message.ts';
import { sampleKubeEvent } from '../../../../functions/core/contract/sample.ts';

const item = { seenAt: '2026-11-23T08:00:00Z', change: 'added', event: sampleKubeEvent };
const envelope = { v: 2, kind: 'events', cluster: 'prod', destination: 'probe/a' };

function event(version: number, message = 'Back-off'): EventMessage {
  const metadata = { ...sampleKubeEvent.metadata, resourceVersion: String(version) };
  const head = { v: 1, kind: 'event', cluster: 'prod', destination: 'probe/a' } as const;
  return { ...head, seenAt: item.seenAt, change: 'added', event: { ...sampleKubeEvent, metadata, message } };
}

function packed(events: readonly EventMessage[], maxEvents?: number) {
  const items = events.map((message) => ({ message, item: itemOf(message) }));
  return pack({ cluster: 'prod', destination: 'probe/a' }, items, maxEvents);
}

function open(body: object | string): OpenedEvents {
  const opened = openMessage(typeof body === 'string' ? body : JSON.stringify(body));
  if (opened.kind !== 'events') throw new Error('events were expected');
  return opened;
}

/** Text that does not get shorter. */
function noise(length: number, seed = 1): string {
  let state = seed;
  const units = Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCharCode(0x4e00 + (state % 20_000));
  });
  return units.join('');
}

describe('an envelope', () => {
  it.each([
    ['plain', { ...envelope, items: [item, item] }],
    ['zipped', { ...envelope, count: 2, gzip: gzipSync(JSON.stringify([item, item])).toString('base64') }],
  ])('%s is opened into its events, each with what they have in common', (_name, body) => {
    expect(open(body)).toEqual({
      kind: 'events',
      head: { cluster: 'prod', destination: 'probe/a' },
      isEnvelope: true,
      events: [1, 2].map(() => ({ v: 1, kind: 'event', cluster: 'prod', destination: 'probe/a', ...item })),
      bad: [],
    });
  });

  it('keeps fields of its items that nobody knows yet', () => {
    const context = { owner: { kind: 'Deployment', name: 'api' } };
    const [message] = open({ ...envelope, items: [{ ...item, context }] }).events;
    expect(message).toMatchObject({ context });
    expect(JSON.parse(message ? itemOf(message) : '')).toEqual({ ...item, context });
  });

  it('gives what is no event among its items as single messages, and the others all the same', () => {
    const { events, bad } = open({ ...envelope, items: [item, 7, { ...item, event: {} }, item] });

    expect(events).toHaveLength(2);
    expect(bad.map(({ error }) => error.code)).toEqual(['invalid_message', 'invalid_message']);
    const single = { v: 1, kind: 'event', cluster: 'prod', destination: 'probe/a' };
    expect(bad.map(({ body }) => JSON.parse(body))).toEqual([
      { ...single, event: 7 },
      { ...single, ...item, event: {} },
    ]);
  });

  it('takes no item for a message of another cluster, version or destination', () => {
    const liar = { ...item, v: 9, kind: 'gap', cluster: 'other', destination: 'probe/b' };
    expect(open({ ...envelope, items: [liar] }).events).toMatchObject([
      { v: 1, kind: 'event', cluster: 'prod', destination: 'probe/a' },
    ]);
  });

  it.each([
    ['no items', {}],
    ['an empty list', { items: [] }],
    ['items of another kind', { items: { 0: item } }],
    ['what is not gzipped', { gzip: 'AAAA' }],
    ['what is not text', { gzip: 7 }],
    ['what is not JSON', { gzip: gzipSync('[').toString('base64') }],
    ['no list', { gzip: gzipSync('7').toString('base64') }],
    ['a bomb', { gzip: gzipSync(JSON.stringify([' '.repeat(MAX_PLAIN_BYTES)])).toString('base64') }],
  ])('with %s is refused', (_what, fields) => {
    expect(() => open({ ...envelope, ...fields })).toThrow(expect.objectContaining({ code: 'invalid_message' }));
  });
});

describe('packing', () => {
  it('puts all into one message, plain while it fits, else zipped', () => {
    const few = packed([event(1), event(2)]);
    expect(few.map(({ events }) => events.length)).toEqual([2]);
    expect(parseMessage(few[0]?.body ?? '')).toMatchObject({
      kind: 'events',
      items: [item, item].map(() => expect.anything()),
    });

    const many = packed(Array.from({ length: MAX_EVENTS }, (_, version) => event(version)));
    expect(many.map(({ events }) => events.length)).toEqual([MAX_EVENTS]);
    expect(JSON.parse(many[0]?.body ?? '')).toMatchObject({ count: MAX_EVENTS, gzip: expect.any(String) });
  });

  it('gives what is alone, or too long for company, as a single message', () => {
    const long = event(2, 'x'.repeat(MAX_ENVELOPE_BYTES));
    expect(packed([event(1)]).map(({ body }) => parseMessage(body))).toEqual([event(1)]);
    expect(packed([event(1), long, event(3), event(4)]).map(({ body }) => parseMessage(body).kind)).toEqual([
      'event',
      'event',
      'events',
    ]);
  });

  it('takes together what is just not too long for company, of which the first half may be the larger one', () => {
    const bare = packed([event(1), event(2, '')])[0]?.events[1]?.item ?? '';
    const longest = event(2, 'x'.repeat(MAX_ENVELOPE_BYTES - 1 - Buffer.byteLength(bare)));
    expect(packed([event(1), longest]).map(({ events }) => events.length)).toEqual([2]);
    const sizes = packed([1, 2, 3].map((version) => event(version, noise(9_000, version)))).map(
      ({ events }) => events.length,
    );
    expect(sizes).toEqual([2, 1]);
  });

  it.each([
    ['just as much as can be read', 0, 1],
    ['a byte more', 1, 2],
  ])('puts %s into as few messages as that takes', (_, more, expected) => {
    // 50 events and what is between and around them.
    const length = (MAX_PLAIN_BYTES - 2) / 50 - 1;
    const bare = Buffer.byteLength(itemOf(event(10, '')));
    const events = Array.from({ length: 50 }, (_each, index) =>
      event(10 + index, 'x'.repeat(length - bare + (index === 49 ? more : 0))),
    );
    expect(packed(events)).toHaveLength(expected);
    expect(packed(events).flatMap(({ body }) => open(body).events)).toHaveLength(50);
  });

  it('halves what is too large even zipped', () => {
    const sizes = packed([1, 2, 3, 4].map((version) => event(version, noise(8_000, version)))).map(
      ({ events }) => events.length,
    );
    expect(sizes).toEqual([2, 2]);
  });

  it('keeps an envelope as small as whoever opens it allows', () => {
    const long = Array.from({ length: 80 }, (_, version) => event(version, 'x'.repeat(50_000)));
    const all = packed(long);
    expect(all.length).toBeGreaterThan(1);
    expect(all.flatMap(({ body }) => open(body).events)).toEqual(long);
  });

  it('loses, repeats and changes nothing, and keeps its bounds', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.integer({ min: 0, max: 70_000 }).map((length) => 'é'.repeat(length)),
      fc.integer({ min: 0, max: 20_000 }).map((length) => noise(length)),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 30 }), fc.integer({ min: 1, max: 20 }), (texts, maxEvents) => {
        const events = texts.map((message, version) => event(version, message));
        const all = packed(events, maxEvents);
        expect(all.flatMap((each) => each.events.map(({ message }) => message))).toEqual(events);
        expect(all.flatMap(({ body }) => open(body).events)).toEqual(events);
        for (const { body, events: held } of all) {
          expect(held.length).toBeLessThanOrEqual(maxEvents);
          expect(body).toMatch(/^[\x20-\uD7FF\uE000-\uFFFD]*$/);
          if (held.length > 1) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_ENVELOPE_BYTES);
        }
      }),
      { numRuns: 40 },
    );
  });
});
