import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { recordOf } from '../../../functions/core/contract/untrusted.ts';
import { createLogger } from '../../../relay/log.ts';
import { createRegistry, createRelayMetrics } from '../../../relay/metrics.ts';
import type { Refused } from '../../../relay/queue/backlog.ts';
import { eventMessage, type Outgoing } from '../../../relay/queue/message.ts';
import { createOutbox, type Outbox, OUTBOX_LIMITS, type OutboxLimits } from '../../../relay/queue/outbox.ts';
import type { SendBatch } from '../../../relay/queue/sqs.ts';
import type { BatchResult, SendResult } from '../../../relay/queue/sqs-fault.ts';
import { messagesIn } from '../../support/messages.ts';
import { ACCEPTED, UNAVAILABLE, until } from '../../support/relay.ts';

const QUICK: OutboxLimits = { ...OUTBOX_LIMITS, retryBaseMs: 1, retryCapMs: 2 };
const message = (body: string): Outgoing => ({ body });

function start(send: SendBatch, limits: Partial<OutboxLimits> = {}): Outbox & { readonly metrics: () => string } {
  const registry = createRegistry('test');
  const outbox = createOutbox(
    {
      send,
      probe: () => message('probe'),
      cluster: 'c',
      budget: { perSecond: 0.5, burst: 2 },
      metrics: createRelayMetrics(registry),
      log: createLogger('error', () => {}),
    },
    { ...QUICK, ...limits },
  );
  return Object.assign(outbox, { metrics: () => registry.render() });
}

/** Accepts every entry but those for which `result` gives something else. */
function answered(entries: readonly Outgoing[], result: (body: string) => SendResult = () => ACCEPTED): BatchResult {
  return { status: 'answered', results: entries.map(({ body }) => result(body)) };
}

function pushAll(outbox: Outbox, count: number, onAccepted: () => void = () => {}): void {
  for (let i = 0; i < count; i += 1) outbox.push(message(`{"i":${i}}`), onAccepted);
}

/** A promise, and what resolves it. */
function gate(): { readonly open: () => void; readonly opened: Promise<void> } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

describe('batches', () => {
  test('go at once when nothing is under way, and fill while calls are', async () => {
    const sizes: number[] = [];
    const { open, opened } = gate();
    const outbox = start(
      async (entries) => {
        sizes.push(entries.length);
        if (sizes.length > 1) await opened;
        return answered(entries);
      },
      { inFlight: 2 },
    );
    pushAll(outbox, 1);
    await until(() => sizes.length === 1 && outbox.size === 0, 'the first');
    pushAll(outbox, 1);
    await until(() => sizes.length === 2, 'the second');
    pushAll(outbox, 24);
    await until(() => sizes.length === 3, 'the third');
    open();
    await outbox.empty();
    expect(sizes).toEqual([1, 1, 10, 10, 4]);
  });

  test('hold what came with one chunk together', async () => {
    const sizes: number[] = [];
    const outbox = start(async (entries) => {
      sizes.push(entries.length);
      return answered(entries);
    });
    pushAll(outbox, 7);
    await outbox.empty();
    expect(sizes).toEqual([7]);
  });

  test('are sent by so many calls at once as there may be', async () => {
    let now = 0;
    let most = 0;
    const outbox = start(
      async (entries) => {
        now += 1;
        most = Math.max(most, now);
        await new Promise((resolve) => setImmediate(resolve));
        now -= 1;
        return answered(entries);
      },
      { inFlight: 3 },
    );
    pushAll(outbox, 1);
    await outbox.empty();
    pushAll(outbox, 200);
    await outbox.empty();
    expect(most).toBe(3);
  });
});

describe('while the queue does not answer', () => {
  test('one call at a time tries, and the reason is told', async () => {
    let most = 0;
    let now = 0;
    let calls = 0;
    const { open, opened } = gate();
    const outbox = start(async (entries) => {
      calls += 1;
      now += 1;
      most = Math.max(most, now);
      await (calls === 3 ? opened : new Promise((resolve) => setImmediate(resolve)));
      now -= 1;
      return calls < 5 ? UNAVAILABLE : answered(entries);
    });
    let accepted = 0;
    pushAll(outbox, 100, () => (accepted += 1));
    expect(outbox.trouble).toBe('nothing sent yet');
    await until(() => calls === 3, 'the third call');
    expect(outbox.trouble).toBe('the queue cannot be reached');
    expect(most).toBe(1);
    open();
    await outbox.empty();
    expect(outbox.trouble).toBeUndefined();
    expect(accepted).toBe(100);
  });

  test('pauses grow, and begin anew once it has answered', async () => {
    vi.useFakeTimers();
    // Without it, each pause is shortened at random.
    vi.spyOn(Math, 'random').mockReturnValue(1);
    try {
      let calls = 0;
      let down = true;
      const outbox = start(
        async (entries) => {
          calls += 1;
          return down ? UNAVAILABLE : answered(entries);
        },
        { retryBaseMs: 1000, retryCapMs: 60_000 },
      );
      const callsAt = async (ms: number): Promise<number> => {
        await vi.advanceTimersByTimeAsync(ms);
        return calls;
      };
      pushAll(outbox, 1);
      expect([await callsAt(980), await callsAt(40)]).toEqual([1, 2]);
      expect([await callsAt(1960), await callsAt(40)]).toEqual([2, 3]);
      expect([await callsAt(3960), await callsAt(40)]).toEqual([3, 4]);
      down = false;
      expect(await callsAt(8000)).toBe(5);
      down = true;
      pushAll(outbox, 1);
      expect([await callsAt(980), await callsAt(40)]).toEqual([6, 7]);
      outbox.discard();
    } finally {
      vi.restoreAllMocks();
      vi.useRealTimers();
    }
  });

  test('the order is kept', async () => {
    const bodies: string[] = [];
    let calls = 0;
    const outbox = start(async (entries) => {
      calls += 1;
      if (calls <= 2) return UNAVAILABLE;
      bodies.push(...entries.map(({ body }) => body));
      return answered(entries);
    });
    pushAll(outbox, 25);
    await outbox.empty();
    expect(bodies).toEqual(Array.from({ length: 25 }, (_, i) => `{"i":${i}}`));
  });
});

describe('what failed', () => {
  test('is sent again alone, and what was accepted with it is not', async () => {
    const bodies: string[] = [];
    let failures = 0;
    const outbox = start(async (entries) => {
      bodies.push(...entries.map(({ body }) => body));
      return answered(entries, (body) =>
        body === '{"i":3}' && (failures += 1) <= 2 ? { status: 'retry', code: 'InternalError' } : ACCEPTED,
      );
    });
    pushAll(outbox, 5);
    await outbox.empty();
    expect(bodies).toEqual([0, 1, 2, 3, 4, 3, 3].map((i) => `{"i":${i}}`));
    expect(outbox.metrics()).toContain('test_send_failures_total{code="InternalError"} 2');
    expect(outbox.metrics()).toContain('test_send_retries_total 2');
    expect(outbox.metrics()).toContain('test_messages_sent_total 5');
    expect(outbox.metrics()).toContain('test_events_sent_total 5');
  });

  test('again and again is sent after pauses that grow', async () => {
    vi.useFakeTimers();
    vi.spyOn(Math, 'random').mockReturnValue(1);
    try {
      let calls = 0;
      const outbox = start(
        async (entries) => {
          calls += 1;
          return answered(entries, () => (calls < 4 ? { status: 'retry', code: 'InternalError' } : ACCEPTED));
        },
        { retryBaseMs: 1000, retryCapMs: 60_000 },
      );
      pushAll(outbox, 1);
      const callsAfter = async (ms: number): Promise<number> => {
        await vi.advanceTimersByTimeAsync(ms);
        return calls;
      };
      expect([await callsAfter(980), await callsAfter(40)]).toEqual([1, 2]);
      expect([await callsAfter(1960), await callsAfter(40)]).toEqual([2, 3]);
      expect([await callsAfter(3960), await callsAfter(40)]).toEqual([3, 4]);
    } finally {
      vi.restoreAllMocks();
      vi.useRealTimers();
    }
  });

  test.each([2, 5])('of a call of %i that was refused as a whole goes one by one', async (count) => {
    const sizes: number[] = [];
    const outbox = start(async (entries) => {
      sizes.push(entries.length);
      return answered(entries, () => (entries.length > 1 ? { status: 'too-long' } : ACCEPTED));
    });
    pushAll(outbox, count);
    await outbox.empty();
    expect(sizes).toEqual([count, ...Array.from({ length: count }, () => 1)]);
  });
});

const REFUSED: SendResult = { status: 'refused', code: 'InvalidMessageContents', detail: 'why' };

describe('a message that the queue refuses', () => {
  /** What a message's owner was told. */
  interface Owner {
    readonly told: string[];
    readonly accepted: () => void;
    readonly refused: Refused;
  }

  function owner(): Owner {
    const told: string[] = [];
    return {
      told,
      accepted: () => void told.push('accepted'),
      refused: (code, detail) => ({
        message: message(`instead: ${code} ${detail}`),
        sent: () => told.push('given up'),
      }),
    };
  }

  /** What was sent, up to now, to a queue that refuses some bodies. */
  function refusing(isRefused: (body: string) => boolean, result: SendResult = REFUSED) {
    const sent: string[] = [];
    const outbox = start(async (entries) => {
      sent.push(entries.map(({ body }) => body).join());
      return answered(entries, (body) => (isRefused(body) ? result : ACCEPTED));
    });
    return { outbox, sent };
  }

  test('is given up once the queue has accepted something else, and refused it again', async () => {
    const { outbox, sent } = refusing((body) => body === 'bad');
    const { told, accepted, refused } = owner();
    outbox.push(message('bad'), accepted, refused);
    await outbox.empty();
    expect(sent).toEqual(['bad', 'probe', 'bad', 'instead: InvalidMessageContents why']);
    expect(told).toEqual(['given up', 'accepted']);
    expect(outbox.trouble).toBeUndefined();
  });

  test('among others is tried by itself, twice, before it is given up', async () => {
    const { outbox, sent } = refusing((body) => body === 'bad');
    const { told, accepted, refused } = owner();
    for (const body of ['a', 'bad', 'b']) outbox.push(message(body), accepted, refused);
    await outbox.empty();
    expect(sent).toEqual(['a,bad,b', 'bad', 'probe', 'bad', 'instead: InvalidMessageContents why']);
    expect(told).toEqual(['accepted', 'accepted', 'given up', 'accepted']);
  });

  test.each([1, 3, 30])('while the queue refuses everything waits, %i of them, and none is given up', async (count) => {
    let isDown = true;
    const { outbox, sent } = refusing(() => isDown);
    const { told, accepted, refused } = owner();
    for (let i = 0; i < count; i += 1) outbox.push(message(`event ${i}`), accepted, refused);
    await until(() => sent.filter((body) => body === 'probe').length >= 5, 'some attempts');
    // Each is tried once more than with the others, and no more.
    expect(sent.filter((body) => body === 'event 0').length).toBe(1);
    expect(outbox.trouble).toBe('the queue refuses every message (InvalidMessageContents: why)');
    expect(told).toEqual([]);
    const before = sent.length;
    await until(() => sent.length > before + 3, 'further attempts');
    // Once it is known, nothing but the probe is tried.
    expect(new Set(sent.slice(before))).toEqual(new Set(['probe']));
    isDown = false;
    await outbox.empty();
    expect(outbox.trouble).toBeUndefined();
    expect(told).toEqual(Array.from({ length: count }, () => 'accepted'));
  });

  test('waits as it was, if even what should take its place is refused', async () => {
    let isDown = true;
    const { outbox } = refusing((body) => body === 'event' || (isDown && body !== 'probe'));
    const { told, accepted, refused } = owner();
    outbox.push(message('event'), accepted, refused);
    await until(() => outbox.trouble === 'the queue refuses every message (InvalidMessageContents: why)', 'the reason');
    expect(told).toEqual([]);
    isDown = false;
    await outbox.empty();
    expect(told).toEqual(['given up', 'accepted']);
  });

  test('and that nothing can be wrong with waits, and is told about', async () => {
    let isDown = true;
    const { outbox, sent } = refusing(() => isDown);
    let accepted = 0;
    outbox.push(message('heartbeat'), () => (accepted += 1));
    await until(() => sent.length >= 3, 'some attempts');
    expect(outbox.trouble).toBe('the queue refuses every message (InvalidMessageContents: why)');
    expect(accepted).toBe(0);
    isDown = false;
    await outbox.empty();
    expect([accepted, outbox.trouble]).toEqual([1, undefined]);
  });

  test('does not keep those from the queue that it takes', async () => {
    const { outbox, sent } = refusing((body) => body === 'heartbeat');
    outbox.push(message('heartbeat'), () => {});
    await until(() => sent.length >= 2, 'some attempts');
    const { told, accepted, refused } = owner();
    for (let i = 0; i < 25; i += 1) outbox.push(message(`event ${i}`), accepted, refused);
    await until(() => told.length === 25, 'the events');
    expect(told).not.toContain('given up');
    outbox.discard();
  });
});

describe('an event that the queue finds too long', () => {
  const event = { metadata: { name: 'a', uid: 'u', resourceVersion: '1' }, message: 'm'.repeat(100_000) };

  async function sendTo(maxLength: number): Promise<{ lengths: number[]; refusals: string[]; held: string }> {
    const lengths: number[] = [];
    const refusals: string[] = [];
    const outbox = start(async (entries) => {
      lengths.push(...entries.map(({ body }) => Buffer.byteLength(body)));
      return answered(entries, (body) => (body.length > maxLength ? { status: 'too-long' } : ACCEPTED));
    });
    outbox.push(
      eventMessage('c', 'added', event, undefined),
      () => {},
      (code, detail) => ({ message: message('gap'), sent: () => refusals.push(`${code}: ${detail}`) }),
    );
    await outbox.empty();
    await new Promise((resolve) => setImmediate(resolve));
    return { lengths, refusals, held: outbox.metrics() };
  }

  test('is cut', async () => {
    const { lengths, refusals, held } = await sendTo(50_000);
    expect(refusals).toEqual([]);
    expect(lengths[1]).toBeLessThan(50_000);
    expect(held).toContain('test_buffer_bytes 0');
  });

  test('is given up only when it is too long even then, and its bytes with it', async () => {
    const { lengths, refusals, held } = await sendTo(10);
    expect(refusals).toEqual([`too-long: ${lengths[1]} bytes`]);
    expect(held).toContain('test_buffer_bytes 0');
    expect(held).toContain('test_buffer_events 0');
  });
});

test('is full at its mark, and tells when there is room', async () => {
  const { open, opened } = gate();
  const outbox = start(
    async (entries) => {
      await opened;
      return answered(entries);
    },
    { highEvents: 30, lowEvents: 10 },
  );
  pushAll(outbox, 29);
  expect(outbox.full).toBe(false);
  pushAll(outbox, 1);
  expect(outbox.full).toBe(true);
  open();
  await outbox.room();
  expect(outbox.size).toBeLessThan(10);
});

describe('as long as nothing else is said', () => {
  /** An outbox whose calls are answered one after the other, by what is to be called for each. */
  function held(result: () => BatchResult | undefined = () => undefined) {
    const calls: (() => void)[] = [];
    const registry = createRegistry('test');
    const outbox = createOutbox({
      send: (entries) => new Promise((resolve) => calls.push(() => resolve(result() ?? answered(entries)))),
      probe: () => message('probe'),
      cluster: 'c',
      budget: { perSecond: 0.5, burst: 2 },
      metrics: createRelayMetrics(registry),
      log: createLogger('error', () => {}),
    });
    return { outbox, calls, metrics: () => registry.render() };
  }
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const ofBytes = (bytes: number): Outgoing => message('x'.repeat(bytes));

  test('it is full at 2,000 messages, or at 768 KiB', () => {
    const { outbox } = held();
    pushAll(outbox, 1999);
    expect(outbox.full).toBe(false);
    pushAll(outbox, 1);
    expect(outbox.full).toBe(true);
    outbox.discard();

    const { outbox: other } = held();
    other.push(ofBytes(768 * 1024 - 1), () => {});
    expect(other.full).toBe(false);
    other.push(ofBytes(1), () => {});
    expect(other.full).toBe(true);
    other.discard();
  });

  test('there is room below 600 messages of less than 256 KiB', async () => {
    const hasRoom = async (...messages: readonly Outgoing[]): Promise<boolean> => {
      const { outbox } = held();
      for (const each of messages) outbox.push(each, () => {});
      let isThere = false;
      void outbox.room().then(() => (isThere = true));
      await turns();
      outbox.discard();
      return isThere;
    };
    const many = (count: number) => Array.from({ length: count }, () => message('{}'));
    expect([await hasRoom(...many(599)), await hasRoom(...many(600))]).toEqual([true, false]);
    const kibibytes256 = 256 * 1024;
    expect([await hasRoom(ofBytes(kibibytes256 - 1)), await hasRoom(ofBytes(kibibytes256))]).toEqual([true, false]);
  });

  test('eight calls are under way at once', async () => {
    const { outbox, calls, metrics } = held();
    pushAll(outbox, 1);
    await turns();
    calls.shift()?.();
    await outbox.empty();
    pushAll(outbox, 500);
    await turns();
    expect(calls).toHaveLength(8);
    expect(metrics()).toContain('test_send_calls_in_flight 8\n');
    expect(metrics()).toContain('test_buffer_events 500\n');
    expect(metrics()).toContain('test_send_duration_seconds_count 1\n');
    calls.shift()?.();
    await turns();
    expect(metrics()).toContain('test_buffer_events 490\n');
    expect(metrics()).toContain('test_send_calls_in_flight 8\n');
    outbox.discard();
  });

  test('more than 600 messages a second are a high rate', () => {
    vi.useFakeTimers();
    try {
      const { outbox } = held();
      // At once, they count as over half a second.
      pushAll(outbox, 300);
      expect(outbox.atHighRate).toBe(false);
      pushAll(outbox, 1);
      expect(outbox.atHighRate).toBe(true);
      outbox.discard();
    } finally {
      vi.useRealTimers();
    }
  });

  test.each<[string, BatchResult]>([
    ['a queue that does not answer', UNAVAILABLE],
    ['a message that it does not take', { status: 'answered', results: [{ status: 'retry', code: 'x' }] }],
  ])('%s is tried again after a tenth of a second at first, and after a second in the end', async (_, result) => {
    vi.useFakeTimers();
    // Without it, each pause is shortened at random.
    vi.spyOn(Math, 'random').mockReturnValue(1);
    try {
      const { outbox, calls } = held(() => result);
      pushAll(outbox, 1);
      const pauses: number[] = [];
      for (let attempt = 0; attempt < 7; attempt += 1) {
        const since = performance.now();
        while (calls.length === 0) await vi.advanceTimersByTimeAsync(1);
        pauses.push(Math.floor((performance.now() - since) / 10) * 10);
        calls.shift()?.();
        await vi.advanceTimersByTimeAsync(0);
      }
      expect(pauses.slice(1)).toEqual([100, 200, 400, 800, 1000, 1000]);
      outbox.discard();
    } finally {
      vi.restoreAllMocks();
      vi.useRealTimers();
    }
  });
});

test('starts no call and tells nothing once it is discarded', async () => {
  let calls = 0;
  let accepted = 0;
  const { open, opened } = gate();
  const outbox = start(async (entries) => {
    calls += 1;
    await opened;
    return answered(entries);
  });
  pushAll(outbox, 1, () => (accepted += 1));
  await until(() => calls === 1, 'the call');
  pushAll(outbox, 50, () => (accepted += 1));
  outbox.discard();
  open();
  pushAll(outbox, 1, () => (accepted += 1));
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect([calls, accepted]).toEqual([1, 0]);
});

describe('events', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const event = (uid: string, type: string): Outgoing =>
    eventMessage('c', 'added', { metadata: { uid, resourceVersion: '1' }, type }, undefined);
  const uidsIn = (body: string): readonly unknown[] => (body.startsWith('{') ? eventsIn(body) : [body]);
  const eventsIn = (body: string): readonly unknown[] =>
    messagesIn(body).map((each) => (each.kind === 'event' ? recordOf(each.event.metadata)['uid'] : each.kind));

  /** An outbox, and what was sent by it and when, with two sends at once and one more every two seconds. */
  function sending(result: (body: string) => SendResult = () => ACCEPTED) {
    const sent: [seconds: number, ...uids: unknown[]][] = [];
    const told: string[] = [];
    const start0 = performance.now();
    const outbox = start(async (entries) => {
      for (const { body } of entries) sent.push([(performance.now() - start0) / 1000, ...uidsIn(body)]);
      return answered(entries, result);
    });
    const push = (uid: string, type = 'Normal'): void =>
      outbox.push(
        event(uid, type),
        () => void told.push(uid),
        () => ({ message: message('gap'), sent: () => void told.push(`${uid} is given up`) }),
      );
    return { outbox, sent, told, push };
  }
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  test('of a quiet cluster go at once, and those of a steady flow together', async () => {
    const { outbox, sent, told, push } = sending();
    for (let nth = 0; nth < 10; nth += 1) {
      push(String(nth));
      await pass(500);
    }
    expect(sent).toEqual([
      [0, '0'],
      [0.5, '1'],
      [2, '2', '3'],
      [4, '4', '5', '6', '7'],
    ]);
    expect(told).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
    expect(outbox.size).toBe(2);
    await pass(1500);
    expect(outbox.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('of type Warning have a budget of their own, and take along what waits', async () => {
    const { sent, push } = sending();
    for (const uid of ['a', 'b', 'c', 'd']) {
      push(uid);
      await pass(500);
    }
    push('w', 'Warning');
    await pass(1);
    push('e');
    await pass(5000);
    expect(sent).toEqual([
      [0, 'a'],
      [0.5, 'b'],
      [2, 'c', 'd'],
      [2, 'w'],
      [4, 'e'],
    ]);
  });

  test('of type Warning go when their own budget allows, though others wait for longer', async () => {
    const { sent, push } = sending();
    for (const [uid, type, pause] of [
      ['v', 'Warning', 1],
      ['w', 'Warning', 999],
      ['a', 'Normal', 1],
      ['b', 'Normal', 499],
      ['c', 'Normal', 200],
      ['x', 'Warning', 1300],
    ] as const) {
      push(uid, type);
      await pass(pause);
    }
    expect(sent.map(([, ...uids]) => uids)).toEqual([['v'], ['w'], ['a'], ['b'], ['x', 'c']]);
    expect(sent.at(-1)?.[0]).toBeCloseTo(2, 1);
  });

  test('that are sent before their time wait for a whole pause the next time', async () => {
    const { sent, push } = sending();
    for (const uid of ['a', 'b', 'c']) {
      push(uid);
      await pass(500);
    }
    push('w', 'Warning');
    await pass(100);
    push('d');
    await pass(5000);
    expect(sent).toEqual([
      [0, 'a'],
      [0.5, 'b'],
      [1.5, 'w', 'c'],
      [3.5, 'd'],
    ]);
  });

  test('that fill an envelope go at once, whatever the budget says', async () => {
    const { sent, push } = sending();
    for (let round = 0; round < 5; round += 1) {
      for (let nth = 0; nth < 200; nth += 1) push(`${round} ${nth}`);
      await pass(1);
    }
    expect(sent.map(([, ...uids]) => uids.length)).toEqual([200, 200, 200, 200, 200]);
  });

  test('that are too long for company go alone, and hold up nobody', async () => {
    const { outbox, sent, push } = sending();
    push('a');
    outbox.push(
      eventMessage('c', 'added', { metadata: { uid: 'long' }, message: 'm'.repeat(70_000) }, undefined),
      () => {},
    );
    push('b');
    await pass(1);
    expect(sent.map(([, ...uids]) => uids)).toEqual([['long'], ['a', 'b']]);
  });

  test('wait in their envelope while the queue does not answer, which fills meanwhile', async () => {
    let isDown = true;
    const sizes: number[] = [];
    const outbox = start(async (entries) => {
      sizes.push(...entries.map(({ body }) => uidsIn(body).length));
      return isDown ? UNAVAILABLE : answered(entries);
    });
    for (let nth = 0; nth < 150; nth += 1) {
      outbox.push(event(String(nth), 'Normal'), () => {});
      await pass(100);
    }
    isDown = false;
    sizes.length = 0;
    await pass(5000);
    expect(sizes).toEqual([1, 149]);
  });

  test('go with the rest of an envelope that is refused, but for the one whose fault it is', async () => {
    const { sent, told, push } = sending((body) => (body.includes('"bad"') ? REFUSED : ACCEPTED));
    for (const uid of ['a', 'bad', 'b']) push(uid);
    await pass(1000);
    expect(told).toEqual(['a', 'b', 'bad is given up', 'bad']);
    expect(sent.slice(0, 2).map(([, ...uids]) => uids)).toEqual([['a', 'bad', 'b'], ['a']]);
  });

  test('that wait all go when the relay stops', async () => {
    const { outbox, sent, push } = sending();
    for (let nth = 0; nth < 3; nth += 1) {
      push(String(nth));
      await pass(1);
    }
    expect(outbox.size).toBe(1);
    const empty = outbox.empty();
    await pass(1);
    await empty;
    expect(sent).toHaveLength(3);
  });
});
