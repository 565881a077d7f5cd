import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pack } from '../../../functions/core/contract/envelope.ts';
import { sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import { createDestinationsFolder, kubeEvent } from '../../support/embedded.ts';
import { clickhouse } from '../../support/services/clickhouse.ts';
import { moto } from '../../support/services/moto.ts';
import { requireService } from '../../support/services/service.ts';
import { victorialogs } from '../../support/services/victorialogs.ts';
import { sinkFunction, type Ends } from '../../support/sink-function.ts';
import { startSinkService, type SinkService } from '../../support/sink-services/start.ts';
import { loadSink } from '../../support/sink-under-test.ts';
import { driveModel } from '../../support/sqs-model-drive.ts';
import { createSqsModel } from '../../support/sqs-model.ts';

const EVENTS = 1000;
const REPEATS = 400;

const stores = [
  { type: 'kinesis', server: moto, held: EVENTS + REPEATS },
  { type: 'firehose', server: moto, held: EVENTS + REPEATS },
  { type: 'clickhouse', server: clickhouse, held: EVENTS },
  { type: 'datadog', server: victorialogs, held: EVENTS + REPEATS },
  { type: 'splunk', server: victorialogs, held: EVENTS + REPEATS },
];

describe.each(stores)('the $type sink and $server.name', ({ type, server, held }) => {
  describe.runIf(requireService(server))('read back', () => {
    let service: SinkService | undefined;
    beforeAll(async () => {
      service = await startSinkService(type);
    });
    afterAll(() => service?.stop());

    it(`holds ${EVENTS} identities after ${EVENTS} events in envelopes and ${REPEATS} repeats, ${held} entries in all`, async () => {
      const uids = Array.from({ length: EVENTS }, (_, index) => `uid-${index}`);
      const ends: Ends = new Map();
      const dead = [
        ...(await deliver(uids, ends)),
        // Another environment, which knows nothing of the first, and other envelopes.
        ...(await deliver(uids.slice(300, 300 + REPEATS), ends)),
      ];
      const ids = (await service?.ids?.()) ?? [];

      expect(dead).toEqual([]);
      expect(Object.fromEntries(ends)).toEqual({ Delivered: EVENTS + REPEATS });
      expect(ids).toHaveLength(held);
      expect(new Set(ids)).toEqual(
        new Set(uids.map((uid) => `prod/${uid}/${sampleKubeEvent.metadata.resourceVersion}`)),
      );
    });

    /** Resolves to the dead letters. */
    async function deliver(uids: readonly string[], ends: Ends): Promise<readonly string[]> {
      const folder = await createDestinationsFolder();
      await folder.write(`destinations/${type}/a`, { ...service?.document, repeats: 'all' });
      if (service?.secrets) await folder.write(`secrets/${type}/a`, service.secrets);
      const { sink } = await loadSink(type);
      const sqs = createSqsModel({ visibilitySeconds: 360, redrive: {} });
      const items = uids.map((uid) => {
        const event = kubeEvent(uid, { message: `of ${uid} "with" 'quotes'\nand 🔥` });
        return { item: JSON.stringify({ seenAt: '2026-11-23T08:00:00Z', change: 'added', event }) };
      });
      for (const { body } of pack({ cluster: 'prod', destination: `${type}/a` }, items, 70)) sqs.put('own', body);
      const invoke = sinkFunction(sink, sqs, { folder: folder.path, ends });
      await driveModel(sqs, { queue: 'own', batchSize: 4, mishaps: [], seed: 1, invoke });
      await folder.remove();
      return sqs.messages('dead').map(({ body }) => body);
    }
  });
});
