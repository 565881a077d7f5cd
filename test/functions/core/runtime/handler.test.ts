import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import type { SQSRecord } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openMessage } from '../../../../functions/core/contract/envelope.ts';
import type { EventMessage } from '../../../../functions/core/contract/message.ts';
import { createHandler, type SinkHandler } from '../../../../functions/core/runtime/handler.ts';
import {
  delivered,
  rejected,
  retry,
  split,
  type Fate,
  type Outcome,
} from '../../../../functions/core/contract/outcome.ts';
import { textsOf } from '../../../../functions/core/contract/untrusted.ts';
import { sampleKubeEvent } from '../../../../functions/core/contract/sample.ts';
import { looseSend, numberOf, probeSink, singly, type ProbeBehaviour } from '../../../support/probe-sink.ts';
import { sqsRecord } from '../../../support/sqs-record.ts';
import { startSqs, type TestSqs } from '../../../support/sqs.ts';

const ample = { getRemainingTimeInMillis: () => 60_000 };
/** For a function that has read its destinations before. */
const brief = { getRemainingTimeInMillis: () => 300 };

let sqs: TestSqs;
let folder: string;
let queueUrl: string;
let letterQueueUrl: string;
let lines: string[];
let serial = 0;

beforeAll(async () => {
  sqs = await startSqs();
});
afterAll(() => sqs.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'courier-'));
  startAnew();
  store('destinations/probe/a', {});
  store('destinations/probe/b', { target: 'b' });
  return () => rmSync(folder, { recursive: true });
});

/** Empty queues and no lines: what was received before comes back to its queue after a while. */
function startAnew(): void {
  serial += 1;
  queueUrl = sqs.createQueue(`probe-${serial}`, { VisibilityTimeout: '300' });
  letterQueueUrl = sqs.createQueue(`probe-dead-${serial}`);
  lines = [];
}

function store(path: string, document: unknown): void {
  const file = join(folder, `${path}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof document === 'string' ? document : JSON.stringify(document));
}

interface Given extends Partial<ProbeBehaviour> {
  readonly now?: () => Date;
  readonly env?: Record<string, string>;
  readonly chat?: boolean;
}

/** A handler of a sink that does what the test says, and delivers everything where it says nothing. */
function probe(send: ProbeBehaviour['send'], { now, env, chat = false, ...behaviour }: Given = {}): SinkHandler {
  const sink = probeSink({ ...behaviour, send });
  return createHandler(
    { ...sink, config: { ...sink.config, chat } },
    {
      env: {
        DESTINATIONS: `file:${folder}`,
        QUEUE_URL: queueUrl,
        DEAD_LETTER_QUEUE_URL: letterQueueUrl,
        MAX_RECEIVES: '3',
        RETRY_BASE_SECONDS: '30',
        ...env,
      },
      output: { stdout: (line) => lines.push(line), stderr: (line) => lines.push(line) },
      random: () => 0.5,
      ...(now && { now }),
    },
  );
}

const deliverAll = async (): Promise<Outcome> => delivered;

function message(version: number, destination = 'probe/a', event: object = {}): object {
  return {
    v: 1,
    kind: 'event',
    cluster: 'prod',
    seenAt: '2026-11-23T08:00:00Z',
    change: 'added',
    destination,
    event: {
      ...sampleKubeEvent,
      metadata: { ...sampleKubeEvent.metadata, resourceVersion: String(version) },
      ...event,
    },
  };
}

/** Sends messages and lets the handler have them. `again` is how many it sent anew, `failed` how many come again themselves. */
async function invoke(
  handler: SinkHandler,
  messages: readonly unknown[],
  context = ample,
): Promise<{ failed: number; again: number; letters: readonly Letter[] }> {
  for (const each of messages) await sqs.send(queueUrl, each);
  const batch = await sqs.receive(queueUrl);
  expect(batch.Records).toHaveLength(messages.length);
  const before = eventsAgain().length;
  const { batchItemFailures } = await handler(batch, context);
  return { failed: batchItemFailures.length, again: eventsAgain().length - before, letters: await readLetters() };
}

/** The events in what was sent to be received later. */
function eventsAgain(): readonly EventMessage[] {
  return delayed().flatMap(({ body }) => {
    const opened = openMessage(body);
    return opened.kind === 'events' ? opened.events : [];
  });
}

/** What was sent to be received later. */
function delayed(): ReturnType<TestSqs['delayed']> {
  return sqs.delayed(`probe-${serial}`);
}

interface Letter {
  readonly body: string;
  readonly [attribute: string]: string | undefined;
}

async function readLetters(): Promise<readonly Letter[]> {
  const messages = await sqs.drain(letterQueueUrl);
  return messages.map(({ Body, MessageAttributes = {} }) => ({
    ...Object.fromEntries(Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue])),
    body: Body ?? '',
  }));
}

function metric(name: string): number {
  return lines
    .map((line) => JSON.parse(line)[name])
    .filter((value) => typeof value === 'number')
    .reduce((sum, value) => sum + value, 0);
}

describe('outcomes', () => {
  it('delivers, and counts it with its latency in milliseconds', async () => {
    const now = () => new Date('2026-11-23T08:00:00Z');
    const { failed, letters } = await invoke(probe(deliverAll, { now }), [message(1), message(2)]);
    expect([failed, letters.length, metric('Delivered')]).toEqual([0, 0, 2]);
    const latencies = lines.map((line) => JSON.parse(line).DeliveryLatency).filter(Boolean);
    expect(latencies).toEqual([[30_000, 30_000]]);
  });

  it('delivers with a warning, and logs it once per message, without secrets', async () => {
    store('secrets/probe/a', { token: 's3cr3t-token' });
    const { failed, letters } = await invoke(
      probe(async () => ({ ...delivered, warning: 'not delivered to s3cr3t-token' })),
      [message(1), message(2)],
    );
    expect([failed, letters.length, metric('Delivered')]).toEqual([0, 0, 2]);
    const warnings = lines.filter((line) => line.includes('not delivered to'));
    expect(warnings).toHaveLength(1);
    expect(warnings.join()).not.toContain('s3cr3t-token');
  });

  it('retries one and delivers the rest when the sink says so per event', async () => {
    const handler = probe(async (events) =>
      events.map((event) => (numberOf(event) === 2 ? retry('busy', 'later') : delivered)),
    );
    const { failed, again, letters } = await invoke(handler, [message(1), message(2), message(3)]);
    expect([failed, again, letters.length, metric('Delivered'), metric('Retried')]).toEqual([0, 1, 0, 2, 1]);
    expect(delayed().map(({ body }) => JSON.parse(body))).toEqual([message(2)]);
  });

  it('writes a letter with the reason when an event is rejected', async () => {
    const now = () => new Date('2026-11-23T09:00:00Z');
    const { failed, letters } = await invoke(
      probe(async () => rejected('event', 'too_odd', 'no'), { now }),
      [message(1)],
    );
    expect(failed).toBe(0);
    expect(letters).toEqual([
      {
        body: JSON.stringify(message(1)),
        code: 'too_odd',
        detail: 'no',
        destination: 'probe/a',
        attempts: '1',
        failedAt: '2026-11-23T09:00:00.000Z',
      },
    ]);
  });

  it('gives up on the last permitted attempt', async () => {
    const handler = probe(async () => retry('busy', 'later', { afterMs: 1 }), { env: { MAX_RECEIVES: '1' } });
    const { failed, letters } = await invoke(handler, [message(1)]);
    expect(failed).toBe(0);
    expect(letters[0]).toMatchObject({ code: 'busy', detail: 'later', attempts: '1' });
  });

  it('reports the record as failed when its letter cannot be written', async () => {
    const handler = probe(async () => rejected('event', 'too_odd', 'no'), {
      env: { DEAD_LETTER_QUEUE_URL: `${queueUrl}-missing` },
    });
    expect((await invoke(handler, [message(1)])).failed).toBe(1);
  });

  it('finds the poison in an all-or-nothing batch', async () => {
    const handler = probe(async (events) =>
      events.some((event) => numberOf(event) === 5) ? split('poison', 'bad row') : delivered,
    );
    const { failed, letters } = await invoke(
      handler,
      [1, 2, 3, 4, 5, 6, 7].map((each) => message(each)),
    );
    expect([failed, letters.length, metric('Delivered')]).toEqual([0, 1, 6]);
    expect(letters[0]?.body).toContain('"resourceVersion":"5"');
  });

  it.each([
    ['throws', () => Promise.reject(new Error('boom')), 'unexpected_error'],
    ['throws what is no error', () => Promise.reject('boom'), 'unexpected_error'],
    ['returns nothing', async () => undefined, 'unknown_outcome'],
    ['returns too few', async () => [delivered], 'unknown_outcome'],
    ['returns nonsense', async () => ({ status: 'fine' }), 'unknown_outcome'],
  ])('retries when the sink %s', async (_name, send, code) => {
    const { failed, again } = await invoke(probe(looseSend(send)), [message(1), message(2)]);
    expect([failed, again]).toEqual([0, 2]);
    expect(lines.join()).toContain(code);
  });

  it('retries when the sink does not come back before the deadline', async () => {
    const handler = probe(() => new Promise(() => {}));
    await handler({ Records: [] }, ample);
    const { again } = await invoke(handler, [message(1)], brief);
    expect(again).toBe(1);
    expect(lines.join()).toContain('"code":"timeout"');
  });

  it('leaves the rest of a group unsent after two connections failed, and other groups alone', async () => {
    const sent: string[] = [];
    const handler = probe(
      async ([event], ctx) => {
        sent.push(ctx.options.target);
        if (ctx.options.target === 'b') return delivered;
        throw new Error(`down ${event?.id}`);
      },
      { render: singly },
    );
    const { again } = await invoke(handler, [...[1, 2, 3, 4].map((each) => message(each)), message(9, 'probe/b')]);
    expect(again).toBe(4);
    expect(sent.toSorted()).toEqual(['b', 'here', 'here']);
  });

  it('keeps on its letter how often an event was replayed', async () => {
    await sqs.send(queueUrl, message(1), { replays: '2' });
    await probe(async () => rejected('event', 'too_odd', 'no'))(await sqs.receive(queueUrl), ample);
    expect((await readLetters())[0]).toMatchObject({ code: 'too_odd', replays: '2' });
  });
});

describe('what is to be retried', () => {
  const receiveAll = async (count: number): Promise<SQSRecord[]> => {
    const records: SQSRecord[] = [];
    while (records.length < count) records.push(...(await sqs.receive(queueUrl)).Records);
    return records;
  };

  it('is sent anew for as long as the service asked, however much it is', async () => {
    for (let each = 1; each <= 12; each += 1) await sqs.send(queueUrl, message(each));
    const handler = probe(async () => retry('busy', 'later', { afterMs: 120_000 }));
    const { batchItemFailures } = await handler({ Records: await receiveAll(12) }, ample);

    expect(batchItemFailures).toEqual([]);
    expect(eventsAgain()).toHaveLength(12);
    expect(delayed()).toMatchObject([{ attributes: { attempts: '1' } }]);
    expect(delayed().filter(({ delayMs }) => delayMs > 110_000 && delayMs < 150_000)).toHaveLength(1);
  });

  it('waits longer with each attempt, until the last', async () => {
    const handler = probe(async () => retry('busy', 'later'));
    await sqs.send(queueUrl, message(1));
    let records = await receiveAll(1);
    for (const count of [1, 2]) {
      await handler({ Records: records }, ample);
      records = delayed()
        .slice(count - 1)
        .map(({ body, attributes }) => sqsRecord('again', { body, attributes: textsOf(attributes) }));
    }
    await handler({ Records: records }, ample);

    const delays = delayed().map(({ attributes, delayMs }) => [attributes['attempts'], Math.round(delayMs / 10_000)]);
    expect(delays).toEqual([
      ['1', 3],
      ['2', 6],
    ]);
    expect(await readLetters()).toMatchObject([{ code: 'busy', attempts: '3' }]);
  });

  it('hears nothing of its destination before its time', async () => {
    const now = new Date('2026-11-23T08:00:00Z');
    const asked: number[] = [];
    const handler = probe(
      async (events) => {
        asked.push(...events.map(numberOf));
        return delivered;
      },
      { now: () => now },
    );
    const early = {
      attempts: '2',
      'retrying-since': '2026-11-23T07:00:00.000Z',
      notBefore: '2026-11-23T08:10:00.000Z',
    };
    const records = [
      sqsRecord('early', { body: JSON.stringify(message(1)), attributes: early }),
      sqsRecord('due', {
        body: JSON.stringify(message(2)),
        attributes: { ...early, notBefore: '2026-11-23T07:59:59.000Z' },
      }),
    ];
    const { batchItemFailures } = await handler({ Records: records }, ample);

    expect([batchItemFailures, asked]).toEqual([[], [2]]);
    const { notBefore: _, ...carried } = early;
    expect(delayed()).toMatchObject([{ attributes: carried, delayMs: expect.any(Number) }]);
    expect(Math.round((delayed()[0]?.delayMs ?? 0) / 10_000)).toBe(60);
  });
});

describe('an envelope', () => {
  const envelope = (versions: readonly number[]): object => {
    const items = versions.map((version) => {
      const metadata = { ...sampleKubeEvent.metadata, resourceVersion: String(version) };
      return { seenAt: '2026-11-23T08:00:00Z', change: 'added', event: { ...sampleKubeEvent, metadata } };
    });
    return { v: 2, kind: 'events', cluster: 'prod', destination: 'probe/a', items };
  };

  it('is one request with all other messages for its destination, where the sink can', async () => {
    const parcels: (readonly number[])[] = [];
    const handler = probe(async (events) => {
      parcels.push(events.map(numberOf));
      return delivered;
    });
    await invoke(handler, [envelope([1, 2, 3]), message(4), envelope([5, 6])]);

    expect(parcels.map((numbers) => numbers.toSorted((a, b) => a - b))).toEqual([[1, 2, 3, 4, 5, 6]]);
    expect(metric('Delivered')).toBe(6);
  });

  it('gives each of its events a fate of its own', async () => {
    const outcomes = [delivered, rejected('event', 'too_odd', 'no'), retry('busy', 'later'), retry('busy', 'later')];
    const handler = probe(async (events) => events.map((event) => outcomes[numberOf(event)] ?? delivered));
    const { failed, letters } = await invoke(handler, [envelope([0, 1, 2, 3])]);

    expect([failed, metric('Delivered'), metric('Rejected'), metric('Retried')]).toEqual([0, 1, 1, 2]);
    expect(letters.map(({ code, body }) => [code, JSON.parse(body)])).toEqual([['too_odd', message(1)]]);
    expect(delayed()).toHaveLength(1);
    expect(eventsAgain()).toEqual([message(2), message(3)]);
  });

  it('that comes to nothing for the second time is taken apart', async () => {
    const handler = probe(deliverAll);
    const record = sqsRecord('again', { body: JSON.stringify(envelope([1, 2, 3])), receives: 3 });
    const { batchItemFailures } = await handler({ Records: [record] }, ample);

    expect([batchItemFailures, metric('Delivered')]).toEqual([[], 0]);
    const parts = (await sqs.drain(queueUrl)).map(({ Body = '' }) => JSON.parse(Body));
    expect(parts.toSorted((a, b) => a.event.metadata.resourceVersion - b.event.metadata.resourceVersion)).toEqual(
      [1, 2, 3].map((version) => message(version)),
    );
  });
});

describe('a message that is received again', () => {
  it('is delivered apart, after the rest has been settled and deleted', async () => {
    const parcels: (readonly number[])[] = [];
    const inQueue: number[] = [];
    const handler = probe(async (events) => {
      parcels.push(events.map(numberOf));
      const { visible, inFlight } = await sqs.counts(queueUrl);
      inQueue.push(visible + inFlight);
      return delivered;
    });
    for (const each of [1, 2, 3, 4]) await sqs.send(queueUrl, message(each));
    const { Records } = await sqs.receive(queueUrl);
    const again = Records.map((record, index) => ({
      ...record,
      attributes: { ...record.attributes, ApproximateReceiveCount: index < 2 ? String(3 - index) : '1' },
    }));
    const { batchItemFailures } = await handler({ Records: again }, ample);

    expect([batchItemFailures, parcels]).toEqual([[], [[3, 4], [2], [1]]]);
    expect(inQueue).toEqual([4, 2, 1]);
  });
});

describe('destinations', () => {
  it('go on when another hangs', async () => {
    const handler = probe(async (_events, ctx) => (ctx.options.target === 'b' ? new Promise(() => {}) : delivered));
    await handler({ Records: [] }, ample);
    const { again } = await invoke(handler, [message(1), message(2, 'probe/b')], brief);
    expect([again, metric('Delivered')]).toEqual([1, 1]);
  });

  it('that were made a moment ago are found', async () => {
    const handler = probe(deliverAll, { now: () => new Date('2026-11-23T08:00:00Z') });
    await invoke(handler, [message(1)]);
    store('destinations/probe/new', {});
    expect((await invoke(handler, [message(2, 'probe/new')])).letters).toEqual([]);
    expect(metric('Delivered')).toBe(2);
  });

  it('that do not exist make letters', async () => {
    const { letters } = await invoke(probe(deliverAll), [message(1, 'probe/gone')]);
    expect(letters[0]).toMatchObject({ code: 'destination_not_found', destination: 'probe/gone' });
  });

  it('that are disabled, or whose filter has changed, count the event as filtered', async () => {
    store('destinations/probe/a', { enabled: false });
    store('destinations/probe/b', { filter: { match: [{ type: 'Normal' }] } });
    const { failed, letters } = await invoke(probe(deliverAll), [message(1), message(2, 'probe/b')]);
    expect([failed, letters.length, metric('Filtered'), metric('Delivered')]).toEqual([0, 0, 2, 0]);
    expect(lines.join()).toContain('"cause":"disabled"');
  });

  it('that are chats get nothing that a silence holds, and the silence is named', async () => {
    const until = new Date(Date.now() + 60_000).toISOString();
    const rollout = { match: [{ reason: sampleKubeEvent.reason }], until, why: 'a rollout', by: 'alice' };
    store('silences/rollout', rollout);
    store('destinations/probe/b', { silences: false });
    const batch = [message(1), message(2, 'probe/a', { reason: 'Other' }), message(3, 'probe/b')];
    const { again, letters } = await invoke(probe(deliverAll, { chat: true }), batch);

    expect([again, letters.length, metric('Delivered')]).toEqual([0, 0, 2]);
    const [filtered] = lines.map((line) => JSON.parse(line)).filter((line) => 'Filtered' in line);
    expect(filtered).toMatchObject({ Filtered: 1, cause: 'silenced', silence: 'rollout', Sink: 'probe' });
  });

  it('that are no chats are held by no silence, and read none', async () => {
    store('silences/rollout', 'no JSON');
    await invoke(probe(deliverAll), [message(1)]);
    expect([metric('Delivered'), metric('ConfigErrors')]).toEqual([1, 0]);
  });

  it('that were never valid keep their events waiting, and say what is wrong', async () => {
    store('destinations/probe/a', { tarket: 'x' });
    const { again } = await invoke(probe(deliverAll), [message(1), message(2, 'probe/b')]);
    expect([again, metric('ConfigErrors'), metric('Delivered')]).toEqual([1, 1, 1]);
    expect(lines.join()).toContain('tarket is not a known field (did you mean target?)');
  });

  it('that cannot be read and never were make the whole batch fail', async () => {
    rmSync(join(folder, 'destinations'), { recursive: true });
    await sqs.send(queueUrl, message(1));
    await expect(probe(deliverAll)(await sqs.receive(queueUrl), ample)).rejects.toThrow('ENOENT');
  });

  it('stay as they were while they cannot be read', async () => {
    let time = Date.parse('2026-11-23T08:00:00Z');
    const handler = probe(deliverAll, { now: () => new Date(time) });
    await invoke(handler, [message(1)]);
    rmSync(join(folder, 'destinations'), { recursive: true });
    time += 60_000;
    expect((await invoke(handler, [message(2)])).failed).toBe(0);
    expect(metric('ConfigErrors')).toBe(1);
  });

  it('are read once more when the service refuses them, and sent again if they were repaired', async () => {
    store('secrets/probe/a', { token: 'old' });
    const tokens: string[] = [];
    const handler = probe(async (_events, ctx) => {
      const token = ctx.secrets.token?.reveal() ?? '';
      tokens.push(token);
      store('secrets/probe/a', { token: 'new' });
      return token === 'new' ? delivered : rejected('destination', 'bad_token', 'no');
    });
    const { failed, letters } = await invoke(handler, [message(1), message(2)]);
    expect([failed, letters.length, tokens]).toEqual([0, 0, ['old', 'new']]);
  });

  it('keep their events for later when they refuse while the store cannot be read', async () => {
    const handler = probe(async () => {
      rmSync(join(folder, 'destinations'), { recursive: true, force: true });
      return rejected('destination', 'bad_token', 'no');
    });
    const { again, letters } = await invoke(handler, [message(1), message(2)]);
    expect([again, letters]).toEqual([2, []]);
    expect(lines.join()).toContain('"code":"config_unreadable"');
  });

  it('that stay refused make letters', async () => {
    const { letters } = await invoke(
      probe(async () => rejected('destination', 'bad_token', 'no')),
      [message(1)],
    );
    expect(letters[0]).toMatchObject({ code: 'bad_token' });
  });
});

describe('clients', () => {
  it('live as long as the destination keeps its version, and are replaced on reconnect', async () => {
    let time = Date.parse('2026-11-23T08:00:00Z');
    const connected: string[] = [];
    const closed: object[] = [];
    let outcome: Outcome = delivered;
    const handler = probe(async () => outcome, {
      now: () => new Date(time),
      connect: async (ctx) => ({ id: connected.push(ctx.options.target) }),
      close: async (client) => void closed.push(client),
    });
    await invoke(handler, [message(1)]);
    await invoke(handler, [message(2)]);
    expect(connected).toEqual(['here']);

    outcome = retry('lost', 'dead socket', { reconnect: true });
    await invoke(handler, [message(3)]);
    outcome = delivered;
    await invoke(handler, [message(4)]);
    expect([connected.length, closed.length]).toEqual([2, 1]);

    store('destinations/probe/a', { target: 'there' });
    time += 60_000;
    await invoke(handler, [message(5)]);
    expect(connected).toEqual(['here', 'here', 'there']);
  });
});

describe('a paced robot', () => {
  /** Whether the invocation lasted until its deadline. `lastsMs` is how long the sink takes, on the function's own clock. */
  async function restsUntilDeadline(perMinute: number, lastsMs: number): Promise<boolean> {
    let nowMs = Date.parse('2026-11-23T08:00:00Z');
    const signals: AbortSignal[] = [];
    const handler = probe(
      async (_events, { signal }) => {
        signals.push(signal);
        nowMs += lastsMs;
        return delivered;
      },
      { now: () => new Date(nowMs), pace: () => ({ key: 'robot', perMinute }) },
    );
    await handler({ Records: [] }, ample);
    expect((await invoke(handler, [message(1)], { getRemainingTimeInMillis: () => 1000 })).failed).toBe(0);
    expect(signals).toHaveLength(1);
    return signals.some(({ aborted }) => aborted);
  }

  it('makes the invocation last as long as its rate wants, but not longer than it may', async () => {
    expect(await restsUntilDeadline(20, 0)).toBe(true);
    expect(await restsUntilDeadline(20, 100)).toBe(true);
  });

  it('is kept from a burst of messages that are received again: those that its rate leaves no time for come once more', async () => {
    let sent = 0;
    const handler = probe(
      async () => {
        sent += 1;
        return delivered;
      },
      { pace: () => ({ key: 'robot', perMinute: 20 }) },
    );
    await handler({ Records: [] }, ample);
    const records = ['one', 'two'].map((id) => sqsRecord(id, { body: JSON.stringify(message(1)), receives: 2 }));
    const { batchItemFailures } = await handler({ Records: records }, { getRemainingTimeInMillis: () => 1000 });

    expect([sent, batchItemFailures]).toEqual([1, [{ itemIdentifier: 'two' }]]);
  });

  it('that was sent to slowly enough makes nobody wait', async () => {
    expect(await restsUntilDeadline(20, 6000)).toBe(false);
  });
});

describe('a setting that is absent', () => {
  it('is 8 attempts, the first of them followed by 30 s', async () => {
    const handler = probe(async () => retry('busy', 'later'), { env: { MAX_RECEIVES: '', RETRY_BASE_SECONDS: '' } });
    const records = [0, 6, 7].map((attempts) =>
      sqsRecord(String(attempts), {
        body: JSON.stringify(message(attempts)),
        attributes: { attempts: String(attempts), 'retrying-since': '2026-11-23T07:00:00.000Z' },
      }),
    );
    await handler({ Records: records }, ample);

    expect((await readLetters()).map(({ attempts }) => attempts)).toEqual(['8']);
    const seconds = delayed().map(({ delayMs }) => Math.round(delayMs / 10_000));
    expect(seconds).toEqual([3, 90]);
  });
});

describe('poison', () => {
  it.each([
    ['not json', 'invalid_message'],
    [{ ...message(1), v: 9 }, 'unsupported_version'],
    [{ ...message(1), destination: 'other/a' }, 'invalid_message'],
    [{ ...message(1), event: {} }, 'invalid_message'],
    [{ v: 1, kind: 'heartbeat', cluster: 'c', seenAt: '' }, 'invalid_message'],
  ])('%j ends as a letter', async (body, code) => {
    const { failed, letters } = await invoke(probe(deliverAll), [body, message(2)]);
    expect([failed, metric('Delivered')]).toEqual([0, 1]);
    expect(letters[0]).toMatchObject({ code, body: typeof body === 'string' ? body : JSON.stringify(body) });
  });
});

describe('the test invocation', () => {
  const test = (handler: SinkHandler, destination: string, event: unknown = sampleKubeEvent): Promise<Fate> =>
    handler({ test: { destination, event } }, ample);

  it('delivers whatever the filter says, and touches no queue', async () => {
    store('destinations/probe/a', { filter: { match: [{ type: 'Normal' }] } });
    expect(await test(probe(deliverAll), 'probe/a')).toEqual({ status: 'delivered' });
    expect(
      await test(
        probe(async () => rejected('destination', 'bad_token', 'no')),
        'probe/a',
      ),
    ).toMatchObject({ status: 'rejected', code: 'bad_token', detail: 'no' });
    expect(await test(probe(deliverAll), 'probe/gone')).toMatchObject({ code: 'destination_not_found' });
    expect(await test(probe(deliverAll), 'probe/a', 'x')).toMatchObject({ code: 'invalid_message' });
    expect(await sqs.counts(letterQueueUrl)).toEqual({ visible: 0, inFlight: 0 });
  });
});

describe('laws', () => {
  const outcome: fc.Arbitrary<unknown> = fc.oneof(
    fc.constant(delivered),
    fc.record(
      { status: fc.constant('retry'), code: fc.string(), detail: fc.string(), afterMs: fc.double() },
      { requiredKeys: ['status'] },
    ),
    fc.record({ status: fc.constant('split'), code: fc.string(), detail: fc.string() }),
    fc.record({
      status: fc.constant('rejected'),
      code: fc.string(),
      detail: fc.string(),
      scope: fc.constantFrom('event', 'destination'),
    }),
    fc.anything(),
  );
  const behaviour = fc.oneof(
    outcome.map((value) => async () => value),
    fc.array(outcome, { maxLength: 6 }).map((values) => async () => values),
    fc.anything().map((value) => async () => {
      throw value;
    }),
    fc.anything().map((value) => () => {
      throw value;
    }),
  );

  it('every record ends in exactly one place, whatever a sink does', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(behaviour, { minLength: 1 }),
        fc.integer({ min: 1, max: 5 }),
        fc.boolean(),
        async (behaviours, events, isLast) => {
          startAnew();
          let call = 0;
          const send = () => (behaviours[call++ % behaviours.length] ?? (async () => delivered))();
          const handler = probe(looseSend(send), { env: { MAX_RECEIVES: isLast ? '1' : '3' } });
          const sent = Array.from({ length: events }, (_, index) => message(index));
          const { failed, again, letters } = await invoke(handler, sent);
          expect(failed).toBe(0);
          expect(metric('Delivered') + again + letters.length).toBe(events);
          expect(metric('Rejected')).toBe(letters.length);
          expect(metric('Retried')).toBe(again);
          if (isLast) expect(again).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('no secret of the destination appears in what is printed or dead-lettered', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ minLength: 6 }).filter((text) => text.trim().length >= 6 && !/^[\w ]*$/.test(text)),
        async (token) => {
          startAnew();
          store('secrets/probe/a', { token: `tk-${token}` });
          const leak = `said tk-${token} and ${encodeURIComponent(`tk-${token}`)}`;
          const handler = probe(async (events) => {
            if (events.length > 1) return events.map(() => retry(leak, leak));
            if (events[0] && numberOf(events[0]) === 0) return rejected('event', leak, leak);
            throw new Error(leak);
          });
          const { letters } = await invoke(handler, [message(0)]);
          const shown = [...lines, ...letters.map((letter) => JSON.stringify(letter))].join('\n');
          expect(shown).not.toContain(`tk-${token}`);
        },
      ),
      { numRuns: 30 },
    );
  });
});
