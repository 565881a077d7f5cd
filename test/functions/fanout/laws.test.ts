import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
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

function body(uid: string): string {
  const event = { ...sampleKubeEvent, metadata: { ...sampleKubeEvent.metadata, uid } };
  return JSON.stringify({ v: 1, kind: 'event', cluster: 'prod', seenAt: '', change: 'added', event });
}

it('copies every event to all its destinations whatever crashes, twice only if something did, and the poison dies alone', async () => {
  const given = fc.record({
    events: fc.integer({ min: 0, max: 9 }),
    hasPoison: fc.boolean(),
    ...driven(anyMishap, 2),
  });
  await fc.assert(
    fc.asyncProperty(given, async ({ events, hasPoison, ...drive }) => {
      const sqs = createSqsModel({
        visibilitySeconds: 360,
        redrive: { ingest: { to: 'dead', maxReceives: MAX_RECEIVES } },
        isFatal: (text) => text.includes(POISON),
      });
      const uids = Array.from({ length: events }, (_, index) => `uid-${index}.`);
      for (const uid of [...uids, ...(hasPoison ? [POISON] : [])]) sqs.put('ingest', body(uid));
      const router = createRouter(async () => config, {
        env: {
          DESTINATIONS: `file:${folder}`,
          SINK_QUEUES: JSON.stringify({ log: 'log' }),
          DEAD_LETTER_QUEUE_URL: `${MODEL_ENDPOINT}/dead`,
        },
        output: { stdout: () => {}, stderr: () => {} },
        now: () => new Date(sqs.now()),
        queueClient: sqs.client,
      });
      const lost = await driveModel(sqs, { queue: 'ingest', invoke: router, ...drive });

      const copies = sqs.messages('log').map((message) => message.body);
      const count = (...texts: readonly string[]): number =>
        copies.filter((copy) => texts.every((text) => copy.includes(text))).length;
      for (const uid of uids)
        for (const destination of ['log/a', 'log/b']) {
          expect(count(uid, destination)).toBeGreaterThanOrEqual(1);
          if (lost === 0 && drive.mishaps.length === 0) expect(count(uid, destination)).toBe(1);
        }
      expect(count(POISON)).toBe(0);
      expect(sqs.messages('dead').map((letter) => letter.body)).toEqual(hasPoison ? [body(POISON)] : []);
    }),
    { numRuns: 60 },
  );
});
