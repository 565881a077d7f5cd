import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ClusterEvent } from '../../../functions/core/contract/event.ts';
import { sampleContext, sampleEvent, sampleEventIn } from '../../../functions/core/contract/sample.ts';
import { openDestination, type LiveDestination } from '../../support/live-destination.ts';
import { postgres, startPostgres, type PostgresService } from '../../support/services/postgres.ts';
import { requireService } from '../../support/services/service.ts';

const delivered = { status: 'delivered' };
const folder = join(import.meta.dirname, '../../../functions/sinks/postgres');

describe.runIf(requireService(postgres))('the postgres sink and a real PostgreSQL', () => {
  let service: PostgresService;
  let admin: Client;
  let schema: string;
  const open: Promise<LiveDestination>[] = [];

  beforeAll(async () => {
    service = await startPostgres();
    schema = await readFile(join(folder, 'schema.sql'), 'utf8');
    admin = await connect();
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map(async (destination) => (await destination).close()));
  });

  afterAll(async () => {
    await admin?.end();
    await service?.stop();
  });

  test('writes a row per event with its texts, numbers, instants and JSON', async () => {
    const table = await newTable();
    const message =
      'quotes "\'` \\ \\u0000 back\\slash\n\0 emoji 🔥 漢字 \u202E lone \uD800 -- ; DROP TABLE kube_events';

    const outcomes = await opened({ table }).deliver([sampleEventIn(sampleContext, { message, count: 7 })]);

    expect(outcomes).toEqual([delivered]);
    const stored = message.toWellFormed().replaceAll('\0', '\uFFFD');
    expect(await rows(table)).toMatchObject([
      {
        event_key: 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467',
        resource_version: '184467',
        name: 'api-7d9f',
        message: stored,
        count: 7,
        last_seen: new Date('2026-11-23T07:59:30Z'),
        owner_name: 'api',
        owner_guessed: false,
        labels: { app: 'api' },
        namespace_labels: { team: 'payments' },
        event: { message: stored },
      },
    ]);
  });

  test('leaves one row per version however often it is delivered, in a partitioned table too', async () => {
    const readme = await readFile(join(folder, 'README.md'), 'utf8');
    const plain = await newTable();
    const [, partitions = ''] = /```sql\n(CREATE TABLE kube_events_by_time[^`]+)```/.exec(readme) ?? [];
    await admin.query(partitions.replace('LIKE kube_events', `LIKE ${plain}`));
    const batch = [version(1), version(2), version(2), sampleEvent()];

    for (const table of [plain, 'kube_events_by_time']) {
      const destination = opened({ table });
      for (let round = 0; round < 2; round += 1)
        expect(new Set(await destination.deliver(batch))).toEqual(new Set([delivered]));
      expect(await rows(table)).toHaveLength(3);
    }
  });

  test('keeps the newest version of each event in mode latest, whatever the order of arrival', async () => {
    const table = await newTable();
    const destination = opened({ table, mode: 'latest' });

    await destination.deliver([version(9)]);
    expect(await destination.deliver([version(10), version(8), version(10)])).toEqual([
      delivered,
      delivered,
      delivered,
    ]);
    await destination.deliver([version(2)]);

    expect(await rows(table)).toMatchObject([{ event_key: 'prod/one', resource_version: '10', message: 'version 10' }]);
  });

  test('writes a thousand events with repeats as a thousand rows', async () => {
    const table = await newTable();
    const batch = Array.from({ length: 1000 }, (_, n) =>
      sampleEvent({ metadata: { uid: `uid-${n}` }, message: 'x'.repeat(n) }),
    );

    const outcomes = await opened({ table }).deliver([...batch, ...batch.slice(300, 700)]);

    expect(new Set(outcomes)).toEqual(new Set([delivered]));
    expect(await rows(table)).toHaveLength(1000);
  });

  test('stores what is longer than an index holds, and isolates a key that is', async () => {
    const table = await newTable();
    const random = Array.from({ length: 4000 }, (_, n) => String.fromCodePoint(0x4e00 + ((n * 7919) % 20_000))).join(
      '',
    );
    const long = sampleEvent({ reason: random, involvedObject: { name: random, namespace: random } });
    const key = sampleEvent({ metadata: { uid: random } });

    expect(await opened({ table }).deliver([long, key, version(1)])).toMatchObject([
      delivered,
      { status: 'rejected', scope: 'event', code: 'too_large' },
      delivered,
    ]);
  });

  test('isolates the events that the table refuses', async () => {
    const table = await newTable();
    await admin.query(`ALTER TABLE ${table} ALTER message TYPE varchar(20), ADD CONSTRAINT few CHECK (count < 5)`);
    const batch = [version(1), version(2, { message: 'much too long for twenty characters' }), version(7), version(3)];

    expect(await opened({ table }).deliver(batch)).toMatchObject([
      delivered,
      { status: 'rejected', scope: 'event', code: 'data_too_long' },
      { status: 'rejected', scope: 'event', code: 'constraint_violated', detail: '23514, constraint few' },
      delivered,
    ]);
    expect(await rows(table)).toHaveLength(2);
  });

  test.each([
    [{ password: 'not-the-password' }, {}, 'authentication_failed'],
    [{}, { username: 'nobody' }, 'authentication_failed'],
    [{}, { database: 'nowhere' }, 'database_missing'],
    [{}, { table: 'no_table' }, 'table_missing'],
    [{}, { table: 'no_schema.no_table' }, 'table_missing'],
    [{}, { table: 'other_columns' }, 'table_mismatch'],
  ])('rejects the destination with secrets %j and options %j as %s', async (secrets, options, code) => {
    await admin.query('CREATE TABLE IF NOT EXISTS other_columns (event_key varchar(10))');
    const destination = opened({ table: await newTable(), ...options }, { password: service.password, ...secrets });

    const outcomes = await destination.deliver([sampleEvent(), version(1)]);

    const refused = { status: 'rejected', scope: 'destination', code };
    expect(outcomes).toMatchObject([refused, refused]);
    expect(JSON.stringify(outcomes)).not.toContain('not-the-password');
  });

  test('says so when the user may not insert', async () => {
    const table = await newTable();
    await admin.query("CREATE USER reader PASSWORD 'reader-password'");
    const destination = opened({ table, username: 'reader' }, { password: 'reader-password' });

    expect(await destination.deliver([sampleEvent()])).toMatchObject([
      { status: 'rejected', scope: 'destination', code: 'permission_denied' },
    ]);
  });

  test('delivers over TLS that it verifies, also where the user must', async () => {
    const table = await newTable();
    await admin.query("CREATE USER secured PASSWORD 'tls-password'");
    await admin.query(`GRANT INSERT, SELECT ON ${table} TO secured`);
    const secrets = { password: 'tls-password' };
    const options = { table, host: 'localhost', username: 'secured' };
    const ca = await readFile(service.caFile, 'utf8');

    expect(await opened({ ...options, tls: { ca } }, secrets).deliver([version(1)])).toEqual([delivered]);
    expect(await opened({ ...options, tls: { insecure: true } }, secrets).deliver([version(2)])).toEqual([delivered]);
    expect(await opened({ ...options, tls: true }, secrets).deliver([version(3)])).toMatchObject([
      { status: 'retry', code: 'tls_failed' },
    ]);
    expect(await opened(options, secrets).deliver([version(4)])).toMatchObject([
      { status: 'rejected', scope: 'destination', code: 'authentication_failed' },
    ]);
    expect(await rows(table)).toHaveLength(2);
  });

  test('retries while its row or the table stays locked', async () => {
    const table = await newTable();
    const other = await connect();
    await other.query(`BEGIN; LOCK TABLE ${table}`);
    const destination = opened({ table });

    expect(await destination.deliver([version(1)])).toMatchObject([{ status: 'retry', code: 'conflict' }]);
    await other.end();
    expect(await destination.deliver([version(1)])).toEqual([delivered]);
  });

  test('delivers within the attempt after the server has ended the idle connection', async () => {
    const table = await newTable();
    const destination = opened({ table });
    await destination.deliver([version(1)]);
    const { rowCount } = await admin.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kube-courier'",
    );

    expect(rowCount).toBe(1);
    expect(await destination.deliver([version(2)])).toEqual([delivered]);
    expect(await rows(table)).toHaveLength(2);
  });

  test('has one connection for deliveries side by side, and none when it is closed', async () => {
    const table = await newTable();
    const destination = opened({ table });

    const outcomes = await Promise.all([1, 2, 3].map((n) => destination.deliver([version(n)])));

    expect(outcomes.flat()).toEqual([delivered, delivered, delivered]);
    expect(await rows(table)).toHaveLength(3);
    expect(await pids()).toHaveLength(1);
    for (const each of open.splice(0)) await (await each).close();
    await expect.poll(pids).toEqual([]);
  });

  test('does not trust a connection that was idle for minutes', async () => {
    const table = await newTable();
    const destination = opened({ table });
    await destination.deliver([version(1)]);
    const before = await pids();
    await destination.deliver([version(2)]);
    expect(await pids()).toEqual(before);

    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 300_000 });
    expect(await destination.deliver([version(3)])).toEqual([delivered]);
    vi.useRealTimers();

    expect(await pids()).not.toEqual(before);
  });

  test('delivers after a restart of the server, whose death it has seen', async () => {
    const table = await newTable();
    const destination = opened({ table });
    await destination.deliver([version(1)]);
    await admin.end();

    await service.restart();
    admin = await connect();

    expect(await destination.deliver([version(2)])).toEqual([delivered]);
    expect(await rows(table)).toHaveLength(2);
  });

  function opened(
    options: Record<string, unknown>,
    secrets: Record<string, unknown> = { password: service.password },
  ): Deliverer {
    const { host, port, user, database } = service;
    const all = { host, port, database, username: user, ...options };
    const destination = openDestination('postgres', { options: all, secrets });
    open.push(destination);
    return { deliver: async (batch) => (await destination).deliver(batch) };
  }

  async function connect(): Promise<Client> {
    const { host, port, user, password, database } = service;
    const client = new Client({ host, port, user, password, database });
    await client.connect();
    return client;
  }

  /** Of the connections of the sink. */
  async function pids(): Promise<readonly unknown[]> {
    const found = await admin.query("SELECT pid FROM pg_stat_activity WHERE application_name = 'kube-courier'");
    return found.rows;
  }

  let tables = 0;
  async function newTable(): Promise<string> {
    const table = `events_${++tables}`;
    await admin.query(schema.replaceAll('kube_events', table));
    return table;
  }

  async function rows(table: string): Promise<readonly unknown[]> {
    const found = await admin.query(`SELECT * FROM ${table} ORDER BY event_key`);
    return found.rows;
  }
});

function version(n: number, fields: object = {}): ClusterEvent {
  return sampleEvent({
    metadata: { uid: 'one', resourceVersion: String(n) },
    message: `version ${n}`,
    count: n,
    ...fields,
  });
}

type Deliverer = Pick<LiveDestination, 'deliver'>;
