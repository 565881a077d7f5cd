import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KubeEvent } from '../../../functions/core/contract/event.ts';
import { recordOf, textOf } from '../../../functions/core/contract/untrusted.ts';
import { createHandler } from '../../../functions/core/runtime/handler.ts';
import { sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import { createRouter, type RouterHandler } from '../../../functions/fanout/router.ts';
import { config } from '../../../functions/sinks/log/config.ts';
import { sink } from '../../../functions/sinks/log/sink.ts';
import { startScriptedSqs } from '../../support/scripted-sqs.ts';
import { startSqs, type TestSqs } from '../../support/sqs.ts';

let sqs: TestSqs;
let folder: string;
let ingest: string;
let logQueue: string;
let letters: string;
let lines: string[];
let serial = 0;

const ample = { getRemainingTimeInMillis: () => 60_000 };

beforeAll(async () => {
  sqs = await startSqs();
});
afterAll(() => sqs.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'courier-'));
  startAnew();
  mkdirSync(join(folder, 'destinations'));
  return () => rmSync(folder, { recursive: true });
});

/** Empty queues and no lines: what was received before comes back to its queue after a while. */
function startAnew(): void {
  serial += 1;
  ingest = sqs.createQueue(`ingest-${serial}`);
  logQueue = sqs.createQueue(`log-${serial}`);
  letters = sqs.createQueue(`router-dead-${serial}`);
  lines = [];
}

function store(path: string, document: unknown): void {
  const file = join(folder, 'destinations', `${path}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(document));
}

function writeSilence(name: string, document: unknown): void {
  mkdirSync(join(folder, 'silences'), { recursive: true });
  writeFileSync(join(folder, 'silences', `${name}.json`), JSON.stringify(document));
}

function router(sinkQueues: Record<string, string> = { log: logQueue }, letterQueue = letters): RouterHandler {
  return createRouter(
    async (type) => (['log', 'other', 'chat'].includes(type) ? { ...config, type, chat: type === 'chat' } : undefined),
    {
      env: {
        DESTINATIONS: `file:${folder}`,
        SINK_QUEUES: JSON.stringify(sinkQueues),
        DEAD_LETTER_QUEUE_URL: letterQueue,
      },
      output: { stdout: (line) => lines.push(line), stderr: (line) => lines.push(line) },
    },
  );
}

function message(fields: KubeEvent = {}, more: object = {}): object {
  return {
    v: 1,
    kind: 'event',
    cluster: 'prod',
    seenAt: '2026-11-23T08:00:00Z',
    change: 'added',
    event: { ...sampleKubeEvent, ...fields },
    ...more,
  };
}

async function route(handler: RouterHandler, messages: readonly unknown[], attributes?: Record<string, string>) {
  for (const each of messages) await sqs.send(ingest, each, attributes);
  const { batchItemFailures } = await handler(await sqs.receive(ingest), ample);
  const copies = (await sqs.drain(logQueue)).map(({ Body = '' }) => JSON.parse(Body));
  const dead = await sqs.drain(letters);
  return { failed: batchItemFailures.length, copies, dead };
}

function metric(name: string): number {
  return lines
    .map((line) => JSON.parse(line)[name])
    .filter((value) => typeof value === 'number')
    .reduce((sum, value) => sum + value, 0);
}

it('finds a queue that is given by its name beside its own dead letters', async () => {
  store('log/all', {});

  const { failed, copies } = await route(router({ log: logQueue.slice(logQueue.lastIndexOf('/') + 1) }), [message()]);

  expect([failed, copies.length]).toEqual([0, 1]);
});

describe('an event', () => {
  it('goes to every destination whose filter it passes, one message each', async () => {
    store('log/all', {});
    store('log/warnings', { filter: { match: [{ type: 'Warning' }] } });
    store('log/normal', { filter: { match: [{ type: 'Normal' }] } });
    store('log/off', { enabled: false });
    const { copies, failed } = await route(router(), [message()]);
    expect(failed).toBe(0);
    expect(copies.map((copy) => String(copy.destination)).toSorted()).toEqual(['log/all', 'log/warnings']);
    expect(copies[0]).toEqual({ ...message(), destination: copies[0].destination });
  });

  it('that nobody wants counts as filtered once', async () => {
    store('log/normal', { filter: { match: [{ type: 'Normal' }] } });
    const { copies } = await route(router(), [message()]);
    expect([copies.length, metric('Filtered'), metric('Received')]).toEqual([0, 1, 1]);
  });

  it('for a sink that is not deployed becomes a letter that names the destination, and is replayed for it alone', async () => {
    store('log/all', {});
    store('other/x', {});
    const { copies, dead } = await route(router(), [message()]);
    expect(copies).toHaveLength(1);
    expect(dead[0]?.MessageAttributes?.['code']?.StringValue).toBe('sink_not_deployed');
    expect(dead[0]?.MessageAttributes?.['destination']?.StringValue).toBe('router');

    const replayed = await route(router({ log: logQueue, other: logQueue }), [dead[0]?.Body], { replays: '1' });
    expect(replayed.copies.map((copy) => copy.destination)).toEqual(['other/x']);
  });

  it('that a replayed letter names goes to a destination in error all the same, whose sink waits for the repair', async () => {
    store('log/all', {});
    store('log/wrong', { tarket: 'x' });
    const { copies, dead } = await route(router(), [message({}, { destination: 'log/wrong' })]);
    expect([copies.map((copy) => copy.destination), dead.length, metric('Filtered')]).toEqual([['log/wrong'], 0, 0]);
  });

  it('that a replayed letter names for a destination that is gone becomes a letter again', async () => {
    store('log/all', {});
    const { copies, dead } = await route(router(), [message({}, { destination: 'log/gone' })]);
    expect(copies).toEqual([]);
    expect(dead[0]?.MessageAttributes?.['code']?.StringValue).toBe('destination_not_found');
  });

  it.each([
    ['nobody wants', { 'log/a': { filter: { match: [{ type: 'Normal' }] } } }, {}, 'unmatched'],
    [
      'only a disabled destination wants',
      { 'log/a': { enabled: false }, 'log/b': { repeats: 'first' } },
      {},
      'disabled',
    ],
    [
      'neither a disabled destination nor another wants',
      { 'log/a': { enabled: false, filter: { match: [{ type: 'Normal' }] } } },
      {},
      'unmatched',
    ],
    [
      'is for a disabled destination',
      { 'log/a': { enabled: false }, 'log/b': {} },
      { destination: 'log/a' },
      'disabled',
    ],
    ['its destination drops', { 'log/a': { filter: { drop: [{ type: '*' }] } } }, { destination: 'log/a' }, 'dropped'],
    ['its destination takes once', { 'log/a': { repeats: 'first' } }, { destination: 'log/a' }, 'repeat'],
  ])('that %s is counted once as filtered, with the cause', async (_name, documents, more, cause) => {
    for (const [path, document] of Object.entries(documents)) store(path, document);
    const { copies, dead, failed } = await route(router(), [message({ count: 3 }, { change: 'modified', ...more })]);
    expect([copies.length, dead.length, failed, metric('Filtered')]).toEqual([0, 0, 0, 1]);
    expect(lines.find((line) => line.includes('"Filtered"'))).toContain(`"cause":"${cause}"`);
  });

  it('that a silence holds goes to stores alone, and is counted with the silence for each chat', async () => {
    for (const path of ['log/store', 'chat/a', 'chat/b']) store(path, { repeats: 'all' });
    const until = new Date(Date.now() + 60_000).toISOString();
    writeSilence('rollout', { match: [{ reason: sampleKubeEvent.reason }], until, why: 'a rollout', by: 'alice' });
    const handler = router({ log: logQueue, chat: logQueue });
    const { copies, dead, failed } = await route(handler, [message(), message({ reason: 'Other' })]);

    expect([dead.length, failed]).toEqual([0, 0]);
    const taken = copies.map((copy) => `${copy.destination} ${copy.items?.length ?? 1}`);
    expect(taken.toSorted()).toEqual(['chat/a 1', 'chat/b 1', 'log/store 2']);
    const filtered = lines.map((line) => JSON.parse(line)).filter((line) => 'Filtered' in line);
    expect(filtered).toMatchObject([{ Filtered: 2, cause: 'silenced', silence: 'rollout', Sink: 'router' }]);
  });

  it('that is replayed for a chat is held by a silence of today', async () => {
    store('chat/a', {});
    const until = new Date(Date.now() + 60_000).toISOString();
    writeSilence('rollout', { match: [{ type: '*' }], until, why: 'a rollout', by: 'alice' });
    const { copies } = await route(router({ chat: logQueue }), [message({}, { destination: 'chat/a' })]);
    expect([copies.length, metric('Filtered')]).toEqual([0, 1]);
  });

  it('goes everywhere past a silence that has a mistake, of which an operator is told', async () => {
    store('chat/a', {});
    writeSilence('rollout', { match: [{ reson: '*' }] });
    const { copies } = await route(router({ chat: logQueue }), [message()]);
    expect([copies.length, metric('Filtered'), metric('ConfigErrors')]).toEqual([1, 0, 1]);
    const [error] = lines.map((line) => JSON.parse(line)).filter(({ level }) => level === 'error');
    expect(error).toMatchObject({
      message: 'a silence needs repair',
      silence: 'rollout',
      document: 'silences/rollout',
      detail: expect.stringContaining('match[0].reson is not a known field (did you mean reason?)'),
      inForce: 'nothing',
    });
  });

  it.each([
    ['its copies', { 'log/all': {} }, () => logQueue],
    ['its letter', { 'other/x': {} }, () => letters],
  ])('keeps on %s how often it was replayed', async (_what, documents, queueOf) => {
    for (const [path, document] of Object.entries(documents)) store(path, document);
    await sqs.send(ingest, message(), { replays: '2' });
    await router()(await sqs.receive(ingest), ample);
    const [written] = await sqs.drain(queueOf());
    expect(written?.MessageAttributes?.['replays']?.StringValue).toBe('2');
  });

  it('is sent in the group of its destination, so that no destination holds up another', async () => {
    store('log/all', {});
    store('log/more', {});
    const scripted = await startScriptedSqs();
    const groups = new Set<string | undefined>();
    scripted.script(({ entries }) => {
      for (const { MessageGroupId } of entries) groups.add(MessageGroupId);
      return undefined;
    });
    await sqs.send(ingest, message());
    try {
      await router({ log: scripted.queueUrl }, scripted.queueUrl)(await sqs.receive(ingest), ample);
    } finally {
      await scripted.close();
    }
    expect(groups).toEqual(new Set(['log/all', 'log/more']));
  });

  it('that is received again is copied apart, after the rest has been copied and deleted', async () => {
    store('log/all', {});
    for (const uid of ['again', 'new']) await sqs.send(ingest, message({ metadata: { uid } }));
    const { Records } = await sqs.receive(ingest);
    const records = Records.map((record) => ({
      ...record,
      attributes: {
        ...record.attributes,
        ApproximateReceiveCount: record.body.includes('again') ? '2' : '1',
      },
    }));
    const { batchItemFailures } = await router()({ Records: records }, ample);

    const copies = (await sqs.drain(logQueue)).map(({ Body = '' }) => JSON.parse(Body).event.metadata.uid);
    expect([batchItemFailures, copies]).toEqual([[], ['new', 'again']]);
    // What is left to Lambda is the last.
    expect(await sqs.counts(ingest)).toEqual({ visible: 0, inFlight: 1 });
  });

  it('comes back whole when a queue does not take its copy', async () => {
    store('log/all', {});
    store('other/x', {});
    const { failed, copies } = await route(router({ log: logQueue, other: `${logQueue}-missing` }), [message()]);
    expect([failed, copies.length]).toEqual([1, 1]);
  });
});

describe('an envelope', () => {
  const item = (resourceVersion: string, fields: KubeEvent = {}) => {
    const metadata = { ...sampleKubeEvent.metadata, resourceVersion };
    return { seenAt: '2026-11-23T08:00:00Z', change: 'added', event: { ...sampleKubeEvent, metadata, ...fields } };
  };
  const envelope = (...items: readonly unknown[]) => ({ v: 2, kind: 'events', cluster: 'prod', items });
  const versions = ({ items = [] }: { readonly items?: readonly ReturnType<typeof item>[] }): readonly string[] =>
    items.map(({ event }) => textOf(recordOf(event.metadata)['resourceVersion']));

  it('is opened, filtered event by event, and goes on in one envelope for each destination', async () => {
    store('log/all', {});
    store('log/warnings', { filter: { match: [{ type: 'Warning' }] } });
    const { copies, failed } = await route(router(), [
      envelope(item('1'), item('2', { type: 'Normal' })),
      envelope(item('3')),
      message(),
    ]);

    expect([failed, metric('Received')]).toEqual([0, 4]);
    const sent = copies.map((copy) => `${copy.destination} ${copy.kind} ${versions(copy).toSorted().join(' ')}`);
    expect(new Set(sent)).toEqual(new Set(['log/all events 1 184467 2 3', 'log/warnings events 1 184467 3']));
    expect(sent).toHaveLength(2);
  });

  it('holds no more than a sink says', async () => {
    store('few/a', {});
    const few = createRouter(async (type) => ({ ...config, type, runtime: { envelopeEvents: 2 } }), {
      env: {
        DESTINATIONS: `file:${folder}`,
        SINK_QUEUES: JSON.stringify({ few: logQueue }),
        DEAD_LETTER_QUEUE_URL: letters,
      },
      output: { stdout: () => {}, stderr: () => {} },
    });
    const { copies } = await route(few, [envelope(...['1', '2', '3', '4', '5'].map((version) => item(version)))]);

    expect(copies.map((copy) => String(copy.items?.length ?? 1)).toSorted()).toEqual(['1', '2', '2']);
  });

  it('makes a letter of each item that is no event, and of no other', async () => {
    store('log/all', {});
    const { copies, dead, failed } = await route(router(), [envelope(item('1'), { event: 7 }, item('2'))]);

    expect([failed, copies.map(versions)]).toEqual([0, [['1', '2']]]);
    expect(dead.map(({ Body = '' }) => JSON.parse(Body))).toEqual([{ v: 1, kind: 'event', cluster: 'prod', event: 7 }]);
    expect(dead[0]?.MessageAttributes?.['code']?.StringValue).toBe('invalid_message');
  });

  it('makes a letter of each of its events that is for a sink which is not deployed', async () => {
    store('other/x', {});
    const { dead } = await route(router(), [envelope(item('1'), item('2'))]);

    expect(dead.map(({ Body = '' }) => JSON.parse(Body))).toMatchObject([
      { v: 1, kind: 'event', destination: 'other/x', ...item('1') },
      { v: 1, kind: 'event', destination: 'other/x', ...item('2') },
    ]);
  });

  it('comes back whole when a copy of one of its events is not accepted, and no other does', async () => {
    store('log/all', {});
    store('other/x', { filter: { match: [{ type: 'Normal' }] } });
    for (const each of [envelope(item('1'), item('2', { type: 'Normal' })), envelope(item('3'))])
      await sqs.send(ingest, each);
    const { Records } = await sqs.receive(ingest);
    const { batchItemFailures } = await router({ log: logQueue, other: `${logQueue}-missing` })({ Records }, ample);

    const normal = Records.find(({ body }) => body.includes('Normal'));
    expect(batchItemFailures).toEqual([{ itemIdentifier: normal?.messageId }]);
  });
});

describe('other messages', () => {
  it('heartbeats and gaps become metrics of their cluster', async () => {
    const head = { v: 1, cluster: 'prod', seenAt: '2026-11-23T08:00:00Z' };
    const heartbeat = {
      ...head,
      kind: 'heartbeat',
      relay: { version: '1.0.0', installation: 'uid', enrich: 'labels' },
    };
    const gap = { ...head, kind: 'gap', from: '2026-11-23T07:00:00Z', to: '2026-11-23T08:00:00Z', cause: 'restore' };
    const { failed, dead } = await route(router(), [heartbeat, gap]);
    expect([failed, dead.length, metric('Heartbeats'), metric('Gaps')]).toEqual([0, 0, 1, 1]);
    expect(lines.join()).toContain('"cause":"restore"');
    expect(lines.join()).toContain(
      '"relay":"1.0.0","installation":"uid","enrich":"labels","seenAt":"2026-11-23T08:00:00Z"',
    );
  });

  it.each([
    ['not json', 'invalid_message'],
    [{ v: 2, kind: 'event' }, 'unsupported_version'],
    [{ v: 1, kind: 'surprise', cluster: 'c' }, 'invalid_message'],
  ])('%j becomes a letter with a reason, and does not come back', async (body, code) => {
    const { failed, dead } = await route(router(), [body]);
    expect(failed).toBe(0);
    expect(dead[0]?.MessageAttributes?.['code']?.StringValue).toBe(code);
    expect(metric('Rejected')).toBe(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'warn',
      message: 'a message became a dead letter',
      messageId: expect.stringMatching(/./),
      code,
    });
  });
});

it('says what is wrong with a sink whose config does not load, and routes to the others', async () => {
  store('log/all', {});
  store('broken/x', {});
  const configOf = async (type: string) => {
    if (type === 'broken') throw new Error('no such locale');
    return config;
  };
  const handler = createRouter(configOf, {
    env: {
      DESTINATIONS: `file:${folder}`,
      SINK_QUEUES: JSON.stringify({ log: logQueue }),
      DEAD_LETTER_QUEUE_URL: letters,
    },
    output: { stdout: (line) => lines.push(line), stderr: (line) => lines.push(line) },
  });
  const { copies } = await route(handler, [message()]);
  expect(copies.map((copy) => copy.destination)).toEqual(['log/all']);
  expect(lines.map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({
      message: 'a destination needs repair',
      destination: 'broken/x',
      detail: expect.stringContaining('no such locale'),
    }),
  );
});

it('fails the whole batch when destinations cannot be read and never were', async () => {
  rmSync(join(folder, 'destinations'), { recursive: true });
  await expect(router()({ Records: [] }, ample)).rejects.toThrow('ENOENT');
});

it('agrees with the sink on every filter: what it sends, the sink delivers', async () => {
  const pattern = fc.constantFrom('Warning', 'Normal', 'Back*', '/off$/i', 'BackOff', '*');
  const rule = fc.record(
    { type: pattern, reason: pattern, minCount: fc.integer({ min: 1, max: 3 }) },
    { requiredKeys: ['reason'] },
  );
  const filter = fc.record(
    { match: fc.array(rule, { maxLength: 2 }), drop: fc.array(rule, { maxLength: 1 }) },
    { requiredKeys: [] },
  );
  const repeats = fc.constantFrom('all', 'first', 'milestones');
  const event = fc.record({
    type: fc.constantFrom('Warning', 'Normal'),
    reason: fc.constantFrom('BackOff', 'Other'),
    count: fc.integer({ min: 1, max: 12 }),
  });
  const change = fc.constantFrom('added', 'modified', 'listed');
  await fc.assert(
    fc.asyncProperty(filter, repeats, event, change, async (filterDocument, repeatsOption, fields, how) => {
      startAnew();
      store('log/all', { filter: filterDocument, repeats: repeatsOption });
      const { copies } = await route(router(), [message(fields, { change: how })]);
      const printed: string[] = [];
      const handler = createHandler(sink, {
        env: { DESTINATIONS: `file:${folder}`, QUEUE_URL: logQueue, DEAD_LETTER_QUEUE_URL: letters },
        output: { stdout: (line) => printed.push(line), stderr: () => {} },
      });
      for (const copy of [...copies, message(fields, { change: how, destination: 'log/all' })])
        await sqs.send(logQueue, copy);
      await handler(await sqs.receive(logQueue), ample);
      const deliveredLines = printed.filter((line) => !line.includes('_aws'));
      expect(deliveredLines).toHaveLength(copies.length * 2);
    }),
    { numRuns: 40 },
  );
});
