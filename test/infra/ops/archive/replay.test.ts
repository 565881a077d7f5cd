import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openMessage } from '../../../../functions/core/contract/envelope.ts';
import { listOf, recordOf } from '../../../../functions/core/contract/untrusted.ts';
import { clusterEvent, type ClusterEvent } from '../../../../functions/core/contract/event.ts';
import type { Clock } from '../../../../infra/ops/clock.ts';
import { startAws, type Aws } from '../../../support/aws/aws.ts';
import { fakeClock, folderOf, ops, remove, type Run } from '../run.ts';
import { archiveInto, eventAt } from './archived.ts';

let aws: Aws;
let folder: string;
let journal: string;
let clock: Clock & { readonly slept: readonly number[] };

beforeEach(async () => {
  aws = await startAws();
  aws.parameters.put('/kube-courier/destinations/webhook/new', JSON.stringify({ repeats: 'all' }));
  folder = await folderOf({});
  journal = join(folder, 'journal.jsonl');
  clock = fakeClock();
});

afterEach(async () => {
  await aws.stop();
  await remove(folder);
});

const DAY = ['--since', '2026-11-22T00:00:00Z', '--until', '2026-11-23T00:00:00Z'];

function replay(argv: readonly string[] = [], signal?: AbortSignal): Promise<Run> {
  const common = ['archive', 'replay', '--archive', folder, '--destination', 'webhook/new', '--journal', journal];
  return ops([...common, ...DAY, ...argv], { clock, ...(signal && { signal }) });
}

/** The events on the destination's queue. */
function queued(): readonly ClusterEvent[] {
  return aws.queues.messages(aws.consumer('webhook').queueUrl).flatMap(({ body }) => {
    const opened = openMessage(body);
    if (opened.kind !== 'events') return [];
    expect(opened.head.destination).toBe('webhook/new');
    return opened.events.map(clusterEvent);
  });
}

/** A day of events, a minute apart, in batches of which each has some of the one before. */
async function archiveDay(count = 1440): Promise<readonly ClusterEvent[]> {
  const start = Date.parse('2026-11-22T00:00:00Z');
  const events = Array.from({ length: count }, (_, n) => eventAt(n, new Date(start + n * 60_000).toISOString()));
  const batches = Array.from({ length: Math.ceil(count / 100) }, (_, n) =>
    events.slice(Math.max(0, n * 100 - 7), (n + 1) * 100),
  );
  await archiveInto(folder, ...batches, [eventAt(9000, '2026-11-23T00:00:00Z'), eventAt(9001, '2026-11-21T23:59:59Z')]);
  return events;
}

/** Aborts after so many events were sent. */
function interruptedAfter(count: number): AbortSignal {
  const controller = new AbortController();
  const watch = setInterval(() => {
    if (queued().length >= count) controller.abort();
  }, 1);
  controller.signal.addEventListener('abort', () => clearInterval(watch));
  return controller.signal;
}

function refuseAll(): void {
  aws.answer('SendMessageBatch', ({ Entries }) => ({
    Failed: listOf(Entries).map((entry) => ({ Id: recordOf(entry)['Id'], Code: 'InternalError', SenderFault: false })),
  }));
}

async function breakEveryObject(hour: string): Promise<void> {
  for (const name of await readdir(hour)) await writeFile(join(hour, name), 'no gzip');
}

test('a day is sent whole, each event once and as it was, and nothing else', async () => {
  const events = await archiveDay();

  const run = await replay(['--rate', '500']);

  expect(run.code).toBe(0);
  expect(queued()).toEqual(events);
  expect(run.err.at(-1)).toBe('sent 1440 events to webhook/new');
  expect(existsSync(journal)).toBe(false);
});

test('interrupted twice and repeated, it ends with the same events, none twice', async () => {
  const events = await archiveDay();

  const first = await replay(['--rate', '60'], interruptedAfter(200));
  const second = await replay(['--rate', '60'], interruptedAfter(700));
  // A minute later "--until" and the archive may say more than before: what the journal says counts.
  const third = await replay(['--rate', '60']);

  expect([first.code, second.code, third.code]).toEqual([1, 1, 0]);
  expect(first.err.join('\n')).toContain(`${journal} says what was sent: repeat the command for the rest`);
  expect(second.err[0]).toMatch(/^goes on: \d+ events were sent before$/);
  expect(queued().map(({ id }) => id)).toEqual(events.map(({ id }) => id));
});

test('it is killed while it notes something: what the journal has is not sent again', async () => {
  const events = await archiveDay(300);
  await replay(['--rate', '100'], interruptedAfter(100));
  const before = queued().length;
  await appendFile(journal, '["prod/u299/2');

  await replay(['--rate', '100']);

  expect(before).toBeGreaterThan(0);
  expect(queued().map(({ id }) => id)).toEqual(events.map(({ id }) => id));
});

test('it keeps to the rate', async () => {
  await archiveDay(600);
  const startedAt = clock.now();

  await replay(['--rate', '10']);

  expect((clock.now() - startedAt) / 1000).toBeGreaterThanOrEqual(59);
  expect((clock.now() - startedAt) / 1000).toBeLessThanOrEqual(61);
});

test('it keeps to the rate after a while in which nothing went, and does not make up for it', async () => {
  await archiveDay(60);
  const startedAt = clock.now();
  const sentAt: number[] = [];
  const send = aws.answer('SendMessageBatch', async (input) => {
    sentAt.push((clock.now() - startedAt) / 1000);
    // As an archive does whose next hours are empty.
    if (sentAt.length === 2) await clock.sleep(3_600_000, new AbortController().signal);
    return send(input);
  });

  await replay(['--rate', '10']);

  expect(sentAt).toEqual([0, 1, 3601, 3602, 3603, 3604]);
});

test('a dry run says how many and how long, and sends none', async () => {
  await archiveDay(600);

  const run = await replay(['--rate', '10', '--dry-run']);

  expect(run).toMatchObject({ code: 0, out: ['would send 600 events of 600, in about 1m'] });
  expect(queued()).toEqual([]);
});

test('what the destination would leave out anyway is not sent', async () => {
  const filter = { match: [{ reason: 'OOMKilling' }] };
  aws.parameters.put('/kube-courier/destinations/webhook/new', JSON.stringify({ repeats: 'all', filter }));
  const wanted = eventAt(1, '2026-11-22T07:00:00Z', { reason: 'OOMKilling' });
  await archiveInto(folder, [wanted, eventAt(2, '2026-11-22T07:01:00Z')]);

  await replay();

  expect(queued()).toEqual([wanted]);
});

test('the journal of another replay is refused', async () => {
  await archiveDay(300);
  await replay(['--rate', '100'], interruptedAfter(100));

  const run = await replay(['--rate', '100', '--reason', 'BackOff']);

  expect(run.code).toBe(1);
  expect(run.err[0]).toContain(`${journal} is the journal of another replay`);
  expect((await readFile(journal, 'utf8')).split('\n')[0]).toContain('webhook/new');
});

test('what SQS refuses is left for the next time', async () => {
  const events = await archiveDay(50);
  refuseAll();

  const run = await replay(['--rate', '10']);

  expect(run.code).toBe(1);
  expect(run.err.join('\n')).toContain('SQS refused 50 events');
  expect(events).toHaveLength(50);
  expect(clock.slept).toEqual([1000, 1000, 1000, 1000]);
});

test('it reads no further once SQS has refused a thousand', async () => {
  await archiveDay();
  await breakEveryObject(`${folder}/cluster=prod/date=2026-11-22/hour=23`);
  refuseAll();

  const run = await replay();

  expect(run.code).toBe(1);
  expect(run.err.join('\n')).not.toContain('not read: ');
  expect(run.err.slice(-2)).toEqual([
    expect.stringContaining('SQS refused 1020 events'),
    `${journal} says what was sent: repeat the command for the rest`,
  ]);
});

test.each([
  [['--destination', 'webhook/nwe', '--since', '1d'], 'did you mean webhook/new?'],
  [['--destination', 'kafka/x', '--since', '1d'], 'the sink type kafka is not deployed'],
  [['--destination', 'webhook/new'], '--since WHEN is missing'],
  [['--since', '1d'], '--destination TYPE/NAME is missing'],
])('replay %j says what is wrong', async (argv, message) => {
  const run = await ops(['archive', 'replay', '--archive', folder, ...argv], { clock });

  expect(run.code).not.toBe(0);
  expect(run.err.join('\n')).toContain(message);
});
