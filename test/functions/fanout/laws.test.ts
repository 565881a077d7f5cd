import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pack } from '../../../functions/core/contract/envelope.ts';
import { sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import { createRouter } from '../../../functions/fanout/router.ts';
import { config } from '../../../functions/sinks/log/config.ts';
import { anyMishap, driven, driveModel } from '../../support/sqs-model-drive.ts';
import { createSqsModel, MODEL_ENDPOINT } from '../../support/sqs-model.ts';

const MAX_RECEIVES = 11;
/** No router survives this event. */
const POISON = 'uid-of-the-poison';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'courier-laws-'));
  mkdirSync(join(folder, 'destinations/log'), { recursive: true });
  for (const name of ['a', 'b']) writeFileSync(join(folder, `destinations/log/${name}.json`), '{"repeats":"all"}');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Messages of events, so many in each. */
function bodies(uids: readonly string[], perMessage: number): readonly string[] {
  const items = uids.map((uid) => {
    const event = { ...sampleKubeEvent, metadata: { ...sampleKubeEvent.metadata, uid } };
    return { item: JSON.stringify({ seenAt: '', change: 'added', event }) };
  });
  return pack({ cluster: 'prod' }, items, perMessage).map(({ body }) => body);
}

it('copies every event to all its destinations whatever crashes, twice only if something did, and the poison dies alone', async () => {
  const given = fc.record({
    events: fc.integer({ min: 0, max: 20 }),
    poisonAt: fc.option(fc.nat(20), { nil: undefined }),
    perMessage: fc.integer({ min: 1, max: 12 }),
    ...driven(anyMishap, 2),
  });
  await fc.assert(
    fc.asyncProperty(given, async ({ events, poisonAt, perMessage, ...drive }) => {
      const sqs = createSqsModel({
        visibilitySeconds: 360,
        redrive: { ingest: { to: 'dead', maxReceives: MAX_RECEIVES } },
        // It is what the router does with it that kills, not that it is sent back to be found.
        isFatal: (text) => text.includes(POISON) && text.includes('/log'),
      });
      const uids = Array.from({ length: events }, (_, index) => `uid-${index}.`);
      const all = poisonAt === undefined ? uids : uids.toSpliced(poisonAt, 0, POISON);
      for (const body of bodies(all, perMessage)) sqs.put('ingest', body);
      const router = createRouter(async () => config, {
        env: {
          DESTINATIONS: `file:${folder}`,
          SINK_QUEUES: JSON.stringify({ log: 'log' }),
          DEAD_LETTER_QUEUE_URL: `${MODEL_ENDPOINT}/dead`,
        },
        output: { stdout: () => {}, stderr: () => {} },
        now: () => new Date(sqs.now()),
        queueCalls: sqs.calls,
      });
      const lost = await driveModel(sqs, { queue: 'ingest', invoke: router, ...drive });

      const copies = sqs.messages('log').map((message) => message.body);
      const count = (uid: string, destination: string): number =>
        copies
          .filter((copy) => copy.includes(destination))
          .reduce((sum, copy) => sum + (copy.split(`"${uid}"`).length - 1), 0);
      for (const uid of uids)
        for (const destination of ['log/a', 'log/b']) {
          expect(count(uid, destination)).toBeGreaterThanOrEqual(1);
          if (lost === 0 && drive.mishaps.length === 0) expect(count(uid, destination)).toBe(1);
        }
      expect(count(POISON, 'log')).toBe(0);
      const letters = new Set(sqs.messages('dead').map(({ body }) => body));
      expect(letters).toEqual(new Set(poisonAt === undefined ? [] : bodies([POISON], 1)));
    }),
    { numRuns: 60 },
  );
});
