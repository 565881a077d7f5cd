import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient, type Document } from 'mongodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ClusterEvent } from '../../../functions/core/contract/event.ts';
import { sampleEvent } from '../../../functions/core/contract/sample.ts';
import { openDestination, type LiveDestination } from '../../support/live-destination.ts';
import { ferretdb, startFerretdb, type FerretdbService } from '../../support/services/ferretdb.ts';
import { requireService } from '../../support/services/service.ts';

const delivered = { status: 'delivered' };

describe.runIf(requireService(ferretdb))('the mongo sink and a real FerretDB', () => {
  let service: FerretdbService;
  let admin: MongoClient;
  let collections = 0;
  const open: LiveDestination[] = [];

  beforeAll(async () => {
    service = await startFerretdb();
    admin = new MongoClient(service.url);
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((destination) => destination.close()));
  });

  afterAll(async () => {
    await admin?.close();
    await service?.stop();
  });

  test("writes a document per event into kube-eventer's database and collection", async () => {
    const message = 'quotes "\' $where: {} \n\0 emoji 🔥 漢字 \u202E lone \uD800';
    const destination = await opened({});

    expect(await destination.deliver([sampleEvent({ message, count: 7 })])).toEqual([delivered]);

    expect(await documents('event')).toEqual([
      {
        _id: 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467',
        cluster: 'prod',
        event_id: '5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11',
        event_name: 'api-7d9f.17ab3c',
        resource_version: '184467',
        version: 184467,
        api_version: 'v1',
        kind: 'Pod',
        namespace: 'payments',
        name: 'api-7d9f',
        object_uid: '9b0e2f64-3c1d-4d7c-8f5b-6a1f2e3d4c5b',
        field_path: 'spec.containers{api}',
        type: 'Warning',
        severity: 'warning',
        reason: 'BackOff',
        action: '',
        message: message.toWellFormed(),
        count: 7,
        component: 'kubelet',
        host: 'node-1',
        first_occurrence_time: new Date('2026-11-23T07:55:00Z'),
        last_occurrence_time: new Date('2026-11-23T07:59:30Z'),
        seen_at: new Date('2026-11-23T07:59:31Z'),
      },
    ]);
  });

  test('leaves one document per version however often it is delivered', async () => {
    const collection = `events_${++collections}`;
    const destination = await opened({ collection });
    const batch = [version(1), version(2), version(2), sampleEvent()];

    expect(await destination.deliver(batch)).toEqual(batch.map(() => delivered));
    expect(await destination.deliver(batch)).toEqual(batch.map(() => delivered));

    expect((await documents(collection)).map(({ _id: id }) => id)).toEqual([
      'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467',
      'prod/one/1',
      'prod/one/2',
    ]);
  });

  test('keeps the newest version of each event in mode latest, whatever the order of arrival', async () => {
    const collection = `events_${++collections}`;
    const destination = await opened({ collection, mode: 'latest' });

    for (const batch of [[9], [10, 8], [2], [10]]) {
      expect(await destination.deliver(batch.map((n) => version(n)))).toEqual(batch.map(() => delivered));
    }

    expect(await documents(collection)).toMatchObject([
      { _id: 'prod/one', version: 10, resource_version: '10', message: 'version 10', count: 10 },
    ]);
  });

  test('writes a thousand events at once', async () => {
    const collection = `events_${++collections}`;
    const batch = Array.from({ length: 1000 }, (_, n) => sampleEvent({ metadata: { uid: `uid-${n}` } }));

    const outcomes = await (await opened({ collection })).deliver(batch);

    expect(new Set(outcomes)).toEqual(new Set([delivered]));
    expect(await documents(collection)).toHaveLength(1000);
  });

  test('does not hold others up for an event that another unique index refuses, nor takes it for delivered', async () => {
    const collection = `events_${++collections}`;
    await admin.db('k8s').collection(collection).createIndex({ message: 1 }, { unique: true });
    const batch = [version(1), version(2, { message: 'version 1' }), version(3)];

    const outcomes = await (await opened({ collection })).deliver(batch);

    expect(outcomes).toMatchObject([
      delivered,
      { status: 'rejected', scope: 'event', code: 'duplicate_key' },
      delivered,
    ]);
    expect(await documents(collection)).toHaveLength(2);
  });

  test('loses nothing when the server restarts in the middle', async () => {
    const collection = `events_${++collections}`;
    const destination = await opened({ collection });
    const waiting = new Map(Array.from({ length: 60 }, (_, n) => [String(n), version(n)]));
    const seen = new Set<string>();
    const deliverSome = async (): Promise<void> => {
      const batch = [...waiting].slice(0, 10);
      const outcomes = await destination.deliver(batch.map(([, event]) => event));
      for (const [index, [key]] of batch.entries()) {
        seen.add(outcomes[index]?.status ?? 'none');
        if (outcomes[index]?.status === 'delivered') waiting.delete(key);
      }
    };
    await deliverSome();

    const restarting = service.restart();
    // Repeats are harmless, so this may go on until the server is down.
    while (!seen.has('retry') && !(await isSettled(restarting))) {
      for (const { status } of await destination.deliver([version(0)])) seen.add(status);
      await sleep(1);
    }
    await restarting;
    while (waiting.size > 0) await deliverSome();

    expect(seen).not.toContain('rejected');
    expect(await documents(collection)).toHaveLength(60);
  });

  async function opened(options: Record<string, unknown>): Promise<LiveDestination> {
    const destination = await openDestination('mongo', { options, secrets: { uri: service.url } });
    open.push(destination);
    return destination;
  }

  function documents(collection: string): Promise<Document[]> {
    return admin.db('k8s').collection(collection).find().sort({ _id: 1 }).toArray();
  }
});

/** A server that is back within milliseconds may never be seen to be away. */
async function isSettled(work: Promise<unknown>): Promise<boolean> {
  return Promise.race([work.then(() => true), sleep(0, false)]);
}

function version(n: number, fields: object = {}): ClusterEvent {
  return sampleEvent({
    metadata: { uid: 'one', resourceVersion: String(n) },
    message: `version ${n}`,
    count: n,
    ...fields,
  });
}
