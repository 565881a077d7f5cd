import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pack } from '../../functions/core/contract/envelope.ts';
import { delivered } from '../../functions/core/contract/outcome.ts';
import { sampleKubeEvent } from '../../functions/core/contract/sample.ts';
import { createHandler } from '../../functions/core/runtime/handler.ts';
import { createRouter } from '../../functions/fanout/router.ts';
import { numberOf, probeSink, type ProbeSink } from '../support/probe-sink.ts';
import { driveModel } from '../support/sqs-model-drive.ts';
import { createSqsModel, MODEL_ENDPOINT } from '../support/sqs-model.ts';

const NAMESPACES = ['shop', 'pay', 'web'] as const;
const DESTINATIONS = { 'chat/held': {}, 'chat/open': { silences: false }, 'store/all': {} };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'courier-silences-'));
  for (const [target, fields] of Object.entries(DESTINATIONS))
    write(`destinations/${target}`, { repeats: 'all', target, ...fields });
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(path: string, document: unknown): void {
  const file = join(folder, `${path}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(document));
}

/** A silence of a namespace, until so many minutes after the beginning. */
interface Given {
  readonly namespace: (typeof NAMESPACES)[number];
  readonly minutes: number;
  /** Nobody has made it, which is a mistake. */
  readonly isBroken: boolean;
  /** Made after the router has had the events. */
  readonly isLate: boolean;
}

interface Run {
  /** Their namespaces. */
  readonly events: readonly (typeof NAMESPACES)[number][];
  readonly silences: readonly Given[];
  /** The minutes that pass before the router has the events, and then before the sinks have them. */
  readonly waits: readonly [number, number];
}

/** Takes events through router and sinks as they are. Resolves to the numbers that reached each destination, and how many were held. */
async function run({ events, silences, waits }: Run) {
  const sqs = createSqsModel({ visibilitySeconds: 360, redrive: {} });
  const reached = new Map(Object.keys(DESTINATIONS).map((id) => [id, [] as number[]] as const));
  let held = 0;
  const surroundings = {
    output: { stdout: (line: string) => (held += heldIn(line)), stderr: () => {} },
    now: () => new Date(sqs.now()),
    queueCalls: sqs.calls,
  };
  const env = { DESTINATIONS: `file:${folder}`, DEAD_LETTER_QUEUE_URL: `${MODEL_ENDPOINT}/dead` };
  const start = sqs.now();
  const make = (late: boolean): void => {
    for (const [index, { namespace, minutes, isBroken, isLate }] of silences.entries()) {
      const until = new Date(start + minutes * 60_000).toISOString();
      const by = isBroken ? {} : { by: 'alice' };
      if (isLate === late) write(`silences/s${index}`, { match: [{ namespace }], until, why: 'a rollout', ...by });
    }
  };
  const sinkOf = (type: string): ProbeSink => {
    const sink = probeSink({
      async send(parcel, ctx) {
        reached.get(ctx.options.target)?.push(...parcel.map(numberOf));
        return delivered;
      },
    });
    return { ...sink, config: { ...sink.config, type, chat: type === 'chat' } };
  };
  const handle = async (queue: string, invoke: ReturnType<typeof createHandler>) =>
    driveModel(sqs, { queue, batchSize: 10, mishaps: [], seed: 1, invoke });

  rmSync(join(folder, 'silences'), { recursive: true, force: true });
  make(false);
  for (const { body } of pack({ cluster: 'prod' }, events.map(itemOf), 5)) sqs.put('ingest', body);
  sqs.wait(waits[0] * 60);
  const SINK_QUEUES = JSON.stringify({ chat: 'chat', store: 'store' });
  const router = createRouter(async (type) => sinkOf(type).config, { ...surroundings, env: { ...env, SINK_QUEUES } });
  await driveModel(sqs, { queue: 'ingest', batchSize: 10, mishaps: [], seed: 1, invoke: router });
  make(true);
  sqs.wait(waits[1] * 60);
  for (const type of ['chat', 'store']) {
    const own = { ...env, QUEUE_URL: `${MODEL_ENDPOINT}/${type}` };
    await handle(type, createHandler(sinkOf(type), { ...surroundings, env: own }));
  }
  expect(sqs.messages('dead')).toEqual([]);
  return { reached: (id: string) => reached.get(id)?.toSorted((a, b) => a - b), held };
}

function itemOf(namespace: string, number: number): { readonly item: string } {
  const metadata = { ...sampleKubeEvent.metadata, resourceVersion: String(number) };
  const event = { ...sampleKubeEvent, involvedObject: { ...sampleKubeEvent.involvedObject, namespace }, metadata };
  return { item: JSON.stringify({ seenAt: '', change: 'added', event }) };
}

function heldIn(line: string): number {
  const { cause, Filtered = 0 } = JSON.parse(line);
  return cause === 'silenced' ? Filtered : 0;
}

it('what a silence in force holds reaches no chat, and is counted; it always reaches stores, and chats that want it', async () => {
  const minutes = fc.integer({ min: 0, max: 6 });
  const silence = fc.record({
    namespace: fc.constantFrom(...NAMESPACES),
    minutes,
    isBroken: fc.boolean(),
    isLate: fc.boolean(),
  });
  const given = fc.record({
    events: fc.array(fc.constantFrom(...NAMESPACES), { maxLength: 12 }),
    silences: fc.array(silence, { maxLength: 4 }),
    waits: fc.tuple(minutes, minutes),
  });
  await fc.assert(
    fc.asyncProperty(given, async (each) => {
      const { events, silences, waits } = each;
      const { reached, held } = await run(each);

      const [routedAt, sunkAt] = [waits[0], waits[0] + waits[1]];
      const isHeld = (namespace: string): boolean =>
        silences.some(
          (one) => one.namespace === namespace && !one.isBroken && one.minutes > (one.isLate ? sunkAt : routedAt),
        );
      const all = [...events.keys()];
      const open = all.filter((number) => !isHeld(events[number] ?? ''));
      expect(reached('chat/held')).toEqual(open);
      expect(reached('chat/open')).toEqual(all);
      expect(reached('store/all')).toEqual(all);
      expect(held).toBe(all.length - open.length);
    }),
    { numRuns: 100 },
  );
});
