import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import axios from 'axios';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterEvent, KubeEvent } from '../../../functions/core/contract/event.ts';
import { sampleEvent, sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import { openDestination, type LiveDestination } from '../../support/live-destination.ts';
import { elasticsearch, startElasticsearch, type ElasticsearchService } from '../../support/services/elasticsearch.ts';
import { opensearch, startOpensearch } from '../../support/services/opensearch.ts';
import { requireService, type Lifecycle } from '../../support/services/service.ts';
import { sinksFolder } from '../../support/sink-under-test.ts';

interface Server extends Lifecycle {
  readonly url: string;
  readonly auth?: { readonly username: string; readonly password: string };
}

const servers = [
  {
    name: `Elasticsearch ${elasticsearch.version}`,
    service: elasticsearch,
    start: async (): Promise<Server> => {
      const started = await startElasticsearch({
        users: {
          reader: { indices: [{ names: ['*'], privileges: ['read'] }] },
          writer: { indices: [{ names: ['kube-events*'], privileges: ['create_doc', 'auto_configure'] }] },
        },
      });
      return { ...started, auth: started };
    },
  },
  { name: `OpenSearch ${opensearch.version}`, service: opensearch, start: (): Promise<Server> => startOpensearch() },
];

const available = servers.filter(({ service }) => requireService(service));

describe.each(available)('the elasticsearch sink on $name', ({ service, start }) => {
  let server: Server;
  const opened: LiveDestination[] = [];

  beforeAll(async () => {
    server = await start();
    for (const [template, pattern] of [
      ['data-stream-template', 'kube-events*'],
      ['index-template', 'plain-*'],
    ] as const) {
      const body = JSON.parse(readFileSync(join(sinksFolder, 'elasticsearch', `${template}.json`), 'utf8'));
      await call('PUT', `/_index_template/${template}`, { ...body, index_patterns: [pattern] });
    }
  });
  afterAll(async () => {
    for (const destination of opened) await destination.close();
    await server?.stop();
  });

  it('stores an event once, however often it is delivered, and every version of it', async () => {
    const destination = await open({ index: 'kube-events-history' });
    const first = version('1', { count: 1 });
    const second = version('2', { count: 2 });

    expect(await statuses(destination, [first, second])).toEqual(['delivered', 'delivered']);
    expect(await statuses(destination, [second, first])).toEqual(['delivered', 'delivered']);

    const [index] = Object.keys(await call('GET', '/kube-events-history/_mapping'));
    expect(index).toMatch(/^\.ds-kube-events-history-/);
    const found = await search('kube-events-history');
    expect(Object.fromEntries(found.map(({ id, count }) => [id, count]))).toEqual({ [first.id]: 1, [second.id]: 2 });
  });

  it('writes a daily index', async () => {
    const destination = await open({ index: 'plain', mode: 'daily', format: 'kube-eventer' });

    expect(await statuses(destination, [sampleEvent()])).toEqual(['delivered']);

    const [found] = await search('plain-2026.11.23');
    expect(found).toMatchObject({ Reason: 'BackOff', EventTags: { cluster_name: 'prod', pod_name: 'api-7d9f' } });
  });

  it('keeps the newest version in mode latest, in whatever order the copies arrive', async () => {
    const destination = await open({ index: 'plain-latest', mode: 'latest' });
    const copies = ['9', '100', '20'].map((resourceVersion) => version(resourceVersion, { message: resourceVersion }));

    expect(await statuses(destination, copies)).toEqual(['delivered', 'delivered', 'delivered']);
    expect(await statuses(destination, copies.toReversed())).toEqual(['delivered', 'delivered', 'delivered']);

    const found = await search('plain-latest');
    expect(found.map(({ message }) => message)).toEqual(['100']);
  });

  it('delivers the good events of a batch with a bad one', async () => {
    await call('PUT', '/plain-strict', { mappings: { properties: { message: { type: 'long' } } } });
    const destination = await open({ index: 'plain-strict', mode: 'latest' });
    const events = [
      version('1', { message: '17' }, 'u1'),
      version('1', { message: 'not a number' }, 'u2'),
      version('1', { message: '18' }, 'u3'),
    ];

    const outcomes = await destination.deliver(events);

    expect(outcomes.map((outcome) => outcome.status)).toEqual(['delivered', 'rejected', 'delivered']);
    expect(outcomes[1]).toMatchObject({ code: 'document_rejected', scope: 'event' });
    expect(JSON.stringify(outcomes[1])).not.toContain('not a number');
    expect(await search('plain-strict')).toHaveLength(2);
  });

  it('takes hostile text as it is', async () => {
    const destination = await open({ index: 'kube-events-hostile' });
    const message = '"quotes" \\ \n{"index":{}}\n \0 \u001B[31m \u2028 🔥 \uD800 ${x}';

    expect(
      await statuses(destination, [version('1', { message }), version('2', { message: 'x'.repeat(1024 * 1024) })]),
    ).toEqual(['delivered', 'delivered']);

    const found = await search('kube-events-hostile');
    expect(found.map((document) => document['message'])).toContain(message.toWellFormed());
  });

  it('gives every text back as it was', async () => {
    const destination = await open({ index: 'kube-events-texts' });
    const texts = fc.sample(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), {
      numRuns: 100,
      seed: 20_261_123,
    });

    const events = texts.map((message, index) => version(String(index), { message, reason: message }));
    expect(new Set(await statuses(destination, events))).toEqual(new Set(['delivered']));

    const found = await search('kube-events-texts');
    const stored = new Map(found.map((document) => [document['resourceVersion'], document['message']]));
    expect(texts.map((_, index) => stored.get(String(index)))).toEqual(texts.map((text) => text.toWellFormed()));
  });

  it('says that an index or a pipeline is missing, that an index is read-only, and that a mode does not fit', async () => {
    await call('PUT', '/_cluster/settings', { persistent: { 'action.auto_create_index': '-absent*,+*' } });
    await call('PUT', '/plain-readonly', { settings: { 'index.blocks.write': true } });
    await call('PUT', '/plain-full', { settings: { 'index.blocks.read_only_allow_delete': true } });
    expect(await statuses(await open({ index: 'kube-events-stream' }), [sampleEvent()])).toEqual(['delivered']);
    const codes: Record<string, unknown> = {};
    for (const [name, options] of Object.entries({
      absent: { index: 'absent-events', mode: 'latest' },
      pipeline: { index: 'plain-x', mode: 'latest', pipeline: 'nowhere' },
      readonly: { index: 'plain-readonly', mode: 'latest' },
      full: { index: 'plain-full', mode: 'latest' },
      stream: { index: 'kube-events-stream', mode: 'latest' },
    })) {
      const [outcome] = await (await open(options)).deliver([sampleEvent()]);
      codes[name] = outcome && 'code' in outcome ? outcome.code : outcome?.status;
    }
    expect(codes).toEqual({
      absent: 'index_not_found',
      pipeline: 'pipeline_not_found',
      readonly: 'index_blocked',
      full: 'disk_full',
      stream: 'wrong_index_type',
    });
  });

  it('stores labels and annotations whatever their keys are, without a field for any of them', async () => {
    const destination = await open({ index: 'labelled', mode: 'daily', format: 'kube-eventer' });
    const withKeys = (index: number, keys: Record<string, string>) =>
      sampleEvent({
        metadata: { ...sampleKubeEvent.metadata, uid: `u${index}`, labels: keys, annotations: keys },
        involvedObject: { ...sampleKubeEvent.involvedObject, labels: keys, annotations: keys },
      });
    // A text and an object under one name, and more names than an index may have fields.
    const events = [
      withKeys(1, { app: 'web' }),
      withKeys(2, { 'app.kubernetes.io/name': 'web' }),
      ...Array.from({ length: 120 }, (_, index) =>
        withKeys(3 + index, Object.fromEntries(Array.from({ length: 10 }, (__, key) => [`key-${index}-${key}`, 'x']))),
      ),
    ];
    // No template matches: the server guesses the mapping.
    const other = await open({ index: 'labelled-event', mode: 'daily' });

    for (const each of [destination, other]) {
      expect(new Set(await statuses(each, events))).toEqual(new Set(['delivered']));
    }

    for (const index of ['labelled-2026.11.23', 'labelled-event-2026.11.23']) {
      const mapping = JSON.stringify(await call('GET', `/${index}/_mapping`));
      expect(mapping).toContain('labelPairs');
      expect(mapping).not.toMatch(/kubernetes\.io|key-1-1|"app"/);
      await call('POST', `/${index}/_refresh`);
      expect((await call('GET', `/${index}/_count`)).count).toBe(events.length);
    }
    const query = { query: { term: { 'InvolvedObject.labelPairs.keyword': 'app.kubernetes.io/name=web' } } };
    expect((await call('GET', '/labelled-2026.11.23/_search', query)).hits.total.value).toBe(1);
  });

  it('stores what conflicted before: two annotations of which one is the beginning of the other', async () => {
    const file = join(import.meta.dirname, '../../support/inputs/labels-that-conflict.json');
    const given: readonly KubeEvent[] = JSON.parse(readFileSync(file, 'utf8'));
    const destination = await open({ index: 'conflict', mode: 'daily', format: 'kube-eventer' });

    // In one batch, and each by itself in the other order.
    expect(await statuses(destination, given.map(sampleEvent))).toEqual(['delivered', 'delivered']);
    const found = await search('conflict-2026.11.23');
    expect(new Set(found.map(({ Message }) => Message))).toEqual(new Set(['one', 'two']));
    expect(found).toHaveLength(2);
  });

  it('waits while an index is closed, and while the cluster as a whole takes nothing', async () => {
    await call('PUT', '/plain-closed');
    await call('POST', '/plain-closed/_close');
    await call('PUT', '/plain-open');
    const during = async (setting: string, index: string) => {
      await call('PUT', '/_cluster/settings', { persistent: { [setting]: true } });
      const outcome = await deliver(index);
      await call('PUT', '/_cluster/settings', { persistent: { [setting]: null } });
      return outcome;
    };

    expect(await deliver('plain-closed')).toBe('retry index_blocked');
    expect(await during('cluster.blocks.read_only', 'plain-open')).toBe('retry cluster_blocked');
    expect(await during('cluster.blocks.read_only_allow_delete', 'plain-open')).toBe('retry cluster_blocked');
    expect(await deliver('plain-open')).toBe('delivered');
  });

  it('waits while the disks are full, and goes on once they are not', async () => {
    await call('PUT', '/plain-disk');
    const watermark = 'cluster.routing.allocation.disk.watermark';
    const settings = {
      'cluster.routing.allocation.disk.threshold_enabled': true,
      'cluster.info.update.interval': '10s',
      [`${watermark}.low`]: '0.1%',
      [`${watermark}.high`]: '0.2%',
      [`${watermark}.flood_stage`]: '0.3%',
    };
    const within = { timeout: 60_000, interval: 1000 };
    await call('PUT', '/_cluster/settings', { persistent: settings });

    await expect.poll(() => deliver('plain-disk'), within).toBe('retry disk_full');
    // Elasticsearch makes an index, whose shard then finds no place.
    if (service === opensearch) await expect.poll(() => deliver('plain-new'), within).toBe('retry disk_full');

    const defaults = Object.fromEntries(Object.keys(settings).map((name) => [name, null]));
    const roomy = { ...defaults, 'cluster.routing.allocation.disk.threshold_enabled': true };
    await call('PUT', '/_cluster/settings', { persistent: roomy });
    for (const index of ['plain-disk', ...(service === opensearch ? ['plain-new'] : [])])
      await expect.poll(() => deliver(index), within).toBe('delivered');
    await call('PUT', '/_cluster/settings', { persistent: defaults });
  });

  it('waits when the cluster has no room for another index', async () => {
    await call('PUT', '/_cluster/settings', { persistent: { 'cluster.max_shards_per_node': 1 } });

    const [outcome] = await (await open({ index: 'plain-one-too-many', mode: 'latest' })).deliver([sampleEvent()]);

    expect(outcome).toMatchObject({ status: 'retry', code: 'shard_limit' });
    await call('PUT', '/_cluster/settings', { persistent: { 'cluster.max_shards_per_node': null } });
  });

  it('goes on after a restart, with what was stored before', async () => {
    const destination = await open({ index: 'kube-events-restart' });
    expect(await statuses(destination, [version('1')])).toEqual(['delivered']);

    const [restarted, during] = await Promise.all([
      server.restart().then(() => 'restarted'),
      // Whatever moment of the restart this hits, it must not be lost or called impossible.
      destination.deliver([version('2')], { timeoutMs: 3000 }),
    ]);
    expect(restarted).toBe('restarted');
    for (const outcome of during) expect(outcome.status).not.toBe('rejected');

    await expect
      .poll(() => statuses(destination, [version('1'), version('2')]), { timeout: 60_000, interval: 500 })
      .toEqual(['delivered', 'delivered']);
    expect(await search('kube-events-restart')).toHaveLength(2);
  });

  // The distribution of OpenSearch has no security.
  if (service === elasticsearch) {
    it('says that the password is wrong, and that the user may not write', async () => {
      const [wrong] = await (await open({ index: 'plain-x' }, { password: 'wrong-password' })).deliver([sampleEvent()]);
      const [denied] = await (await open({ index: 'plain-x', username: 'reader' })).deliver([sampleEvent()]);

      const [granted] = await (
        await open({ index: 'kube-events-granted', username: 'writer' })
      ).deliver([sampleEvent()]);

      expect(granted).toEqual({ status: 'delivered' });
      expect(wrong).toMatchObject({ status: 'rejected', scope: 'destination', code: 'wrong_credentials' });
      expect(denied).toMatchObject({ status: 'rejected', scope: 'destination', code: 'forbidden' });
    });
  }

  async function open(options: Record<string, unknown>, secrets?: Record<string, string>): Promise<LiveDestination> {
    const destination = await openDestination('elasticsearch', {
      options: { endpoint: server.url, ...(server.auth && { username: server.auth.username }), ...options },
      ...(server.auth && { secrets: secrets ?? { password: server.auth.password } }),
    });
    opened.push(destination);
    return destination;
  }

  /** Delivers one event to an index: how it ends, and why. */
  async function deliver(index: string): Promise<string> {
    const [outcome] = await (await open({ index, mode: 'latest' })).deliver([sampleEvent()]);
    return outcome?.status === 'delivered' ? 'delivered' : `${outcome?.status} ${outcome?.code}`;
  }

  async function search(index: string): Promise<readonly Record<string, unknown>[]> {
    await call('POST', `/${index}/_refresh`);
    const { hits } = await call('GET', `/${index}/_search?size=100`);
    return hits.hits.map(({ _source }: { _source: Record<string, unknown> }) => _source);
  }

  async function call(method: string, path: string, data?: unknown) {
    const reply = await axios.request({
      method,
      url: `${server.url}${path}`,
      ...(data === undefined ? {} : { data }),
      ...(server.auth && { auth: server.auth }),
      proxy: false,
      validateStatus: () => true,
    });
    if (reply.status >= 400) throw new Error(`${method} ${path}: ${JSON.stringify(reply.data)}`);
    return reply.data;
  }
});

describe.runIf(requireService(elasticsearch))('the elasticsearch sink on a small server', () => {
  let server: ElasticsearchService;
  let destination: LiveDestination;
  beforeAll(async () => {
    server = await startElasticsearch({
      settings: { 'indexing_pressure.memory.limit': '2kb', 'http.max_content_length': '1mb' },
    });
    destination = await openDestination('elasticsearch', {
      options: { endpoint: server.url, username: server.username, compression: false },
      secrets: { password: server.password },
    });
  });
  afterAll(async () => {
    await destination?.close();
    await server?.stop();
  });

  it('retries what the server has no memory for', async () => {
    const events = [1, 2, 3].map((index) => version(String(index), { message: 'x'.repeat(2000) }));

    const outcomes = await destination.deliver(events);

    expect(outcomes.map((outcome) => outcome.status)).toEqual(['retry', 'retry', 'retry']);
    expect(outcomes[0]).toMatchObject({ code: 'http_429' });
  });

  it('splits what is too large for one request, and gives up only the event that is too large by itself', async () => {
    const sizes = [600_000, 600_000, 1_500_000];
    const events = sizes.map((size, index) => version(String(index), { message: 'x'.repeat(size) }));

    const outcomes = await destination.deliver(events);

    expect(outcomes).toEqual([
      expect.objectContaining({ status: 'retry', code: 'http_429' }),
      expect.objectContaining({ status: 'retry', code: 'http_429' }),
      expect.objectContaining({ status: 'rejected', scope: 'event', code: 'too_large' }),
    ]);
  });
});

async function statuses(destination: LiveDestination, events: readonly ClusterEvent[]): Promise<readonly string[]> {
  const outcomes = await destination.deliver(events);
  return outcomes.map((outcome) =>
    outcome.status === 'delivered' ? 'delivered' : `${outcome.code}: ${outcome.detail}`,
  );
}

function version(resourceVersion: string, fields: KubeEvent = {}, uid = 'u1'): ClusterEvent {
  return sampleEvent({ ...fields, metadata: { ...sampleKubeEvent.metadata, uid, resourceVersion } });
}
