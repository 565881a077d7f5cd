import axios from 'axios';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterEvent, KubeEvent } from '../../../functions/core/contract/event.ts';
import { sampleEvent, sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import { openDestination, type LiveDestination } from '../../support/live-destination.ts';
import { influxdb, startInfluxdb, type InfluxdbService } from '../../support/services/influxdb.ts';
import { requireService } from '../../support/services/service.ts';
import { startTelegraf, telegraf, type TelegrafService } from '../../support/services/telegraf.ts';

const opened: LiveDestination[] = [];
afterEach(async () => {
  for (const destination of opened.splice(0)) await destination.close();
});

describe.runIf(requireService(influxdb))('the influxdb sink on InfluxDB 1', () => {
  let server: InfluxdbService;

  beforeAll(async () => {
    server = await startInfluxdb();
    await query('CREATE DATABASE k8s');
    await query('CREATE DATABASE short WITH DURATION 1h');
    await query("CREATE USER reader WITH PASSWORD 'reader-password'");
    await query('GRANT READ ON k8s TO reader');
  });
  afterAll(() => server?.stop());

  it('stores an event once, however often it is delivered, and every version of it', async () => {
    const destination = await open();
    const events = ['1', '2', '3'].map((resourceVersion) => version(resourceVersion));

    expect(await statuses(destination, events)).toEqual(['delivered', 'delivered', 'delivered']);
    expect(await statuses(destination, events.toReversed())).toEqual(['delivered', 'delivered', 'delivered']);

    const points = await select('SELECT * FROM kubernetes_events');
    expect(points).toHaveLength(3);
    expect(points[0]).toMatchObject({ cluster: 'prod', reason: 'BackOff', name: 'api-7d9f', count: 1 });
    expect(points.every(({ time }) => String(time).startsWith('2026-11-23T07:59:30'))).toBe(true);
  });

  it('takes hostile text as it is', async () => {
    const destination = await open({ measurement: 'hostile, measurement', tags: ['reason', 'namespace'] });
    const message = '"quotes" \\ back\\slash\\ \n newline, comma = equals \0 \u001B[31m \u2028 🔥 \uD800 end\\';
    const fields = { message, reason: 'a,b=c d\\', involvedObject: { namespace: ' \n ' } };

    expect(await statuses(destination, [version('1', fields), version('2')])).toEqual(['delivered', 'delivered']);

    const points = await select('SELECT * FROM "hostile, measurement"');
    expect(points.map((point) => point['message'])).toContain(message.toWellFormed());
    expect(points.map((point) => point['reason'])).toContain('a,b=c d_');
  });

  it('gives every text back as it was, in fields and in tags', async () => {
    const destination = await open({ measurement: 'texts', tags: ['reason'] });
    const texts = fc.sample(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), {
      numRuns: 500,
      seed: 20_261_123,
    });
    const events = texts.map((text, index) => version(String(index), { message: text, reason: text }));

    expect(new Set(await statuses(destination, events))).toEqual(new Set(['delivered']));

    const points = await select('SELECT * FROM texts');
    const stored = new Map(points.map((point) => [String(point['version']), point]));
    for (const [index, text] of texts.entries()) {
      const point = stored.get(String(index));
      expect(point?.['message']).toBe(text.toWellFormed());
      expect(point?.['reason'] ?? '').toBe(
        text
          .toWellFormed()
          .replaceAll(/[\p{Cc}\u2028\u2029\\]/gu, '_')
          .trim(),
      );
    }
  });

  it('takes a message of a megabyte, cut', async () => {
    const destination = await open({ measurement: 'large' });

    expect(await statuses(destination, [version('1', { message: 'x'.repeat(1024 * 1024) })])).toEqual(['delivered']);

    const [point] = await select('SELECT * FROM large');
    expect(String(point?.['message']).length).toBeGreaterThan(60_000);
  });

  it('says that a field exists with another type', async () => {
    await write('k8s', 'conflicts,reason=Odd count="a text" 1795420770000000000');
    const destination = await open({ measurement: 'conflicts', tags: ['reason', 'namespace'] });

    const outcomes = await destination.deliver([version('1'), version('2')]);

    expect(outcomes).toEqual([
      expect.objectContaining({ status: 'rejected', scope: 'event', code: 'field_conflict' }),
      expect.objectContaining({ status: 'rejected', scope: 'event', code: 'field_conflict' }),
    ]);
  });

  it('dead-letters only the event that is too old for the retention policy', async () => {
    const now = new Date();
    const destination = await open({ database: 'short' });
    const fresh = { lastTimestamp: now.toISOString() };

    const outcomes = await destination.deliver([
      version('1', fresh),
      version('2', { lastTimestamp: '2020-01-01T00:00:00Z' }),
      version('3', fresh),
    ]);

    expect(outcomes.map((outcome) => outcome.status)).toEqual(['delivered', 'rejected', 'delivered']);
    expect(outcomes[1]).toMatchObject({ code: 'beyond_retention' });
    expect(await select('SELECT * FROM kubernetes_events', 'short')).toHaveLength(2);
  });

  it('says what is missing or not allowed', async () => {
    const cases = {
      database: await open({ database: 'nowhere' }),
      policy: await open({ retentionPolicy: 'nowhere' }),
      api: await open({ api: 'v2', database: undefined, bucket: 'k8s' }),
      password: await open({}, 'wrong-password'),
      reader: await open({ username: 'reader' }, 'reader-password'),
    };
    const codes: Record<string, unknown> = {};
    for (const [name, destination] of Object.entries(cases)) {
      const [outcome] = await destination.deliver([version('1')]);
      codes[name] = outcome?.status === 'rejected' && `${outcome.scope}: ${outcome.code}`;
    }
    expect(codes).toEqual({
      database: 'destination: database_not_found',
      policy: 'destination: retention_policy_not_found',
      api: 'destination: api_not_found',
      password: 'destination: wrong_credentials',
      reader: 'destination: forbidden',
    });
  });

  it('writes the layouts of kube-eventer', async () => {
    expect(await statuses(await open({ layout: 'kube-eventer' }), [version('1')])).toEqual(['delivered']);
    expect(await statuses(await open({ layout: 'kube-eventer-fields' }), [version('1')])).toEqual(['delivered']);

    const [whole] = await select('SELECT * FROM "log/events"');
    expect(JSON.parse(String(whole?.['value']))).toMatchObject({ reason: 'BackOff' });
    expect(whole).toMatchObject({ cluster_name: 'prod', pod_name: 'api-7d9f' });
    const [fields] = await select('SELECT * FROM events');
    expect(fields).toMatchObject({ object_name: 'api-7d9f', message: 'Back-off restarting failed container api' });
  });

  it('goes on after a restart, with what was stored before', async () => {
    const destination = await open({ measurement: 'restarted' });
    expect(await statuses(destination, [version('1')])).toEqual(['delivered']);

    const [during] = await Promise.all([destination.deliver([version('2')]), server.restart()]);
    for (const outcome of during) expect(outcome.status).not.toBe('rejected');

    await expect
      .poll(() => statuses(destination, [version('1'), version('2')]), { timeout: 120_000 })
      .toEqual(['delivered', 'delivered']);
    expect(await select('SELECT * FROM restarted')).toHaveLength(2);
  });

  it('retries while the server is down', async () => {
    const destination = await open();
    await server.stop();

    const outcomes = await destination.deliver([version('1')]);

    expect(outcomes).toEqual([expect.objectContaining({ status: 'retry', code: 'connection_refused' })]);
  });

  async function open(options: Record<string, unknown> = {}, password = server.password): Promise<LiveDestination> {
    const destination = await openDestination('influxdb', {
      options: { endpoint: server.url, api: 'v1', database: 'k8s', username: server.username, ...options },
      secrets: { password },
    });
    opened.push(destination);
    return destination;
  }

  async function select(statement: string, db = 'k8s'): Promise<readonly Record<string, unknown>[]> {
    const [result] = (await query(statement, db)).results;
    const { columns, values } = result.series[0];
    return values.map((row: readonly unknown[]) =>
      Object.fromEntries(columns.map((column: string, index: number) => [column, row[index]])),
    );
  }

  async function query(q: string, db = 'k8s') {
    const reply = await axios.post(`${server.url}/query`, new URLSearchParams({ q, db }), {
      auth: server,
      proxy: false,
    });
    return reply.data;
  }

  async function write(db: string, body: string): Promise<void> {
    await axios.post(`${server.url}/write?db=${db}`, body, { auth: server, proxy: false });
  }
});

describe.runIf(requireService(telegraf))("the influxdb sink on InfluxDB 2's write API", () => {
  let server: TelegrafService;
  beforeAll(async () => {
    server = await startTelegraf();
  });
  afterAll(() => server?.stop());

  it('delivers points with their time in nanoseconds', async () => {
    const destination = await open(server.token);

    expect(await statuses(destination, [version('1'), version('2', { message: '"a"\n\\b' })])).toEqual([
      'delivered',
      'delivered',
    ]);

    await expect.poll(async () => (await server.points()).length).toBe(2);
    const points = await server.points();
    expect(points.map(({ fields }) => fields['message'])).toEqual([
      'Back-off restarting failed container api',
      '"a"\n\\b',
    ]);
    expect(points[0]).toMatchObject({
      name: 'kubernetes_events',
      tags: { cluster: 'prod', namespace: 'payments', bucket: 'kubernetes' },
    });
    for (const { timestamp } of points)
      expect(Math.floor(timestamp / 1e9)).toBe(Date.parse('2026-11-23T07:59:30Z') / 1000);
  });

  it('says that the token is wrong', async () => {
    const [outcome] = await (await open('not-the-token')).deliver([version('1')]);
    expect(outcome).toMatchObject({ status: 'rejected', scope: 'destination', code: 'wrong_credentials' });
  });

  async function open(token: string): Promise<LiveDestination> {
    const destination = await openDestination('influxdb', {
      options: { endpoint: server.url, org: 'acme', bucket: 'kubernetes' },
      secrets: { token },
    });
    opened.push(destination);
    return destination;
  }
});

async function statuses(destination: LiveDestination, events: readonly ClusterEvent[]): Promise<readonly string[]> {
  const outcomes = await destination.deliver(events);
  return outcomes.map((outcome) =>
    outcome.status === 'delivered' ? 'delivered' : `${outcome.code}: ${outcome.detail}`,
  );
}

function version(resourceVersion: string, fields: KubeEvent = {}): ClusterEvent {
  return sampleEvent({ ...fields, metadata: { ...sampleKubeEvent.metadata, resourceVersion } });
}
