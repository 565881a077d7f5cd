import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMessage } from '../../functions/core/contract/envelope.ts';
import { clusterEvent } from '../../functions/core/contract/event.ts';
import { archiveInto, eventAt, objectsOf } from '../infra/ops/archive/archived.ts';
import { ops, type Run } from '../infra/ops/run.ts';
import { startAws, type Aws } from '../support/aws/aws.ts';
import { table } from './table.ts';

const EVENTS = 200_000;
const DAYS = 3;
const BEGIN = Date.parse('2026-11-20T00:00:00Z');
const HOUR_MS = 3_600_000;
const EVERY_MS = (DAYS * 24 * HOUR_MS) / EVENTS;
/** As long as the s3 sink's function gathers. */
const WINDOW_MS = 300_000;
const PODS = 500;
const DESTINATION = 'webhook/new';
/** Of a day's events, at which share the replay is interrupted. */
const INTERRUPTED_AT = [1 / 3, 2 / 3];

/**
 * An archive of three days in a folder: what searches of it read and take, and a day of it replayed into a stand-in for SQS, with two
 * interruptions. Throws where the day does not arrive whole, each event once.
 */
export async function benchArchive(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'archive-bench-'));
  const aws = await startAws();
  try {
    const { objects, bytes } = await write(folder);
    const searches = [
      await search(folder, 'one pod, two hours', ['--name', 'pod-7', ...range(BEGIN + 30 * HOUR_MS, 2)]),
      await search(folder, 'one pod, three days', ['--name', 'pod-7', ...range(BEGIN, DAYS * 24)]),
    ];
    return [
      `${EVENTS} events of three days: ${objects} objects, ${(bytes / 1e6).toFixed(1)} MB.`,
      '',
      table(['search', 'what it found and read', 'seconds'], searches),
      '',
      await replayDay(folder, aws),
    ].join('\n');
  } finally {
    await aws.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function write(folder: string): Promise<{ readonly objects: number; readonly bytes: number }> {
  let [objects, bytes] = [0, 0];
  for (let from = 0; from < DAYS * 24 * HOUR_MS; from += WINDOW_MS) {
    const [first, next] = [Math.ceil(from / EVERY_MS), Math.ceil((from + WINDOW_MS) / EVERY_MS)];
    const batch = Array.from({ length: next - first }, (_, index) => {
      const involvedObject = { kind: 'Pod', namespace: 'shop', name: `pod-${(first + index) % PODS}` };
      return eventAt(first + index, timeText(BEGIN + (first + index) * EVERY_MS), { involvedObject });
    });
    const written = objectsOf(batch);
    objects += written.length;
    bytes += written.reduce((sum, object) => sum + object.bytes.length, 0);
    await archiveInto(folder, batch);
  }
  return { objects, bytes };
}

async function search(folder: string, what: string, argv: readonly string[]): Promise<readonly string[]> {
  const begun = performance.now();
  const { err } = succeeded(await ops(['archive', 'search', '--archive', folder, '--json', ...argv]));
  return [what, err.at(-1) ?? '', secondsSince(begun)];
}

async function replayDay(folder: string, aws: Aws): Promise<string> {
  aws.parameters.put(`/kube-courier/destinations/${DESTINATION}`, JSON.stringify({ repeats: 'all' }));
  const { queueUrl } = aws.consumer('webhook');
  const place = ['--archive', folder, '--journal', join(folder, 'journal.jsonl'), '--destination', DESTINATION];
  const argv = ['archive', 'replay', ...place, ...range(BEGIN + 24 * HOUR_MS, 24), '--rate', '20000'];
  const day = Array.from({ length: EVENTS }, (_, n) => n).filter(
    (n) => Math.floor((n * EVERY_MS) / HOUR_MS / 24) === 1,
  );
  const queued = (): readonly string[] =>
    aws.queues.messages(queueUrl).flatMap(({ body }) => {
      const opened = openMessage(body);
      return opened.kind === 'events' ? opened.events.map((event) => clusterEvent(event).id) : [];
    });
  const begun = performance.now();
  const sent: number[] = [];
  for (const share of INTERRUPTED_AT) {
    const interrupt = new AbortController();
    const watch = setInterval(() => queued().length >= day.length * share && interrupt.abort(), 500);
    await ops(argv, { signal: interrupt.signal });
    clearInterval(watch);
    sent.push(queued().length);
  }
  succeeded(await ops(argv));
  const seconds = secondsSince(begun);
  const ids = queued();
  const expected = day.map((n) => eventAt(n, timeText(BEGIN)).id);
  if (ids.length !== expected.length || new Set([...ids, ...expected]).size !== expected.length)
    throw new Error(`the day has ${expected.length} events, ${ids.length} arrived`);
  return `A day of ${day.length} events, interrupted after ${sent.join(' and ')} of them: ${ids.length} sent, ${new Set(ids).size} identities, ${seconds} s.`;
}

function succeeded(run: Run): Run {
  if (run.code !== 0) throw new Error(run.err.join('\n'));
  return run;
}

function range(from: number, hours: number): readonly string[] {
  return ['--since', timeText(from), '--until', timeText(from + hours * HOUR_MS)];
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}

function secondsSince(begun: number): string {
  return ((performance.now() - begun) / 1000).toFixed(2);
}
