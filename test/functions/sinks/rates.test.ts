import { afterEach, expect, it } from 'vitest';
import { writeMessage } from '../../../functions/core/contract/message.ts';
import { createDestinationsFolder } from '../../support/embedded.ts';
import { sinkFunction, type Ends } from '../../support/sink-function.ts';
import { startSinkService } from '../../support/sink-services/start.ts';
import { loadSink, sinkTypes } from '../../support/sink-under-test.ts';
import { driveResting } from '../../support/sqs-model-drive.ts';
import { createSqsModel } from '../../support/sqs-model.ts';
import { podEvent } from '../../support/storms.ts';

const EVENTS = 2000;
const SECONDS = 60;
/** What pagers take by default. */
const REASONS = ['Evicted', 'OOMKilling', 'NodeNotReady', 'FailedCreatePodSandBox'];

const sinks = await Promise.all(sinkTypes.map(async (type) => ({ type, ...(await loadSink(type)) })));
const paced = sinks.filter(({ sink }) => sink.pace !== undefined);

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

it.each(paced)('$type keeps its rate in a storm, and delivers every event of it', async ({ type, sink }) => {
  const sqs = createSqsModel({ visibilitySeconds: 360, redrive: {} });
  const service = await startSinkService(type, sqs.now);
  if (!service) throw new Error(`${type} has no service`);
  ends.push(() => service.stop());
  const folder = await createDestinationsFolder();
  ends.push(() => folder.remove());
  await folder.write(`destinations/${type}/a`, { ...service.document, repeats: 'all' });
  await folder.write(`secrets/${type}/a`, service.secrets ?? {});
  const counts: Ends = new Map();
  const invoke = (sleep: (ms: number) => Promise<void>) =>
    sinkFunction(sink, sqs, { folder: folder.path, ends: counts, sleep });

  for (let index = 0; index < EVENTS; index += 1)
    sqs.put('own', messageOf(index, `${type}/a`), {}, (index * SECONDS) / EVENTS);
  await driveResting(sqs, { queue: 'own', batchSize: sink.config.runtime?.batchSize ?? 25, invoke });

  expect(Object.fromEntries(counts)).toEqual({ Delivered: EVENTS });
  expect(sqs.messages('dead')).toEqual([]);
});

/** No two are alike. */
function messageOf(index: number, destination: string): string {
  const set = `app${index % 500}`;
  const reason = REASONS[Math.floor(index / 500) % REASONS.length] ?? '';
  const { raw } = podEvent(index, `${set}-6c9f7d5b8`, { reason, message: `${reason} of ${set}` });
  const seen = { cluster: 'prod', seenAt: '2026-11-23T08:00:00Z', change: 'added' } as const;
  const context = { owner: { kind: 'Deployment', name: set } };
  return writeMessage({ v: 1, kind: 'event', ...seen, destination, event: raw, context });
}
