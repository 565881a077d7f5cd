import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ClusterEvent } from '../../../functions/core/contract/event.ts';
import { sampleContext, sampleEvent, sampleEventIn } from '../../../functions/core/contract/sample.ts';
import { openDestination, type LiveDestination } from '../../support/live-destination.ts';
import { mariadb, startMariadb, type MariadbService } from '../../support/services/mariadb.ts';
import { requireService } from '../../support/services/service.ts';

const delivered = { status: 'delivered' };
const schemaFile = join(import.meta.dirname, '../../../functions/sinks/mysql/schema.sql');

describe.runIf(requireService(mariadb))('the mysql sink and a real MariaDB', () => {
  let service: MariadbService;
  let admin: Connection;
  let schema: string;
  const open: Promise<LiveDestination>[] = [];

  beforeAll(async () => {
    service = await startMariadb();
    schema = await readFile(schemaFile, 'utf8');
    admin = await connect();
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map(async (destination) => (await destination).close()));
  });

  afterAll(async () => {
    await admin?.end();
    await service?.stop();
  });

  test('writes a row per event with its texts, numbers and UTC times', async () => {
    const table = await newTable();
    const message = 'quotes "\'` \\ back\\slash\n\0 emoji 🔥 漢字 \u202E lone \uD800 -- ; DROP TABLE kube_events';

    const outcomes = await opened({ table }).deliver([sampleEvent({ message, count: 7 })]);

    expect(outcomes).toEqual([delivered]);
    expect(await rows(table)).toMatchObject([
      {
        event_key: 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467',
        cluster: 'prod',
        event_id: '5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11',
        event_name: 'api-7d9f.17ab3c',
        resource_version: '184467',
        api_version: 'v1',
        kind: 'Pod',
        namespace: 'payments',
        name: 'api-7d9f',
        object_uid: '9b0e2f64-3c1d-4d7c-8f5b-6a1f2e3d4c5b',
        field_path: 'spec.containers{api}',
        type: 'Warning',
        reason: 'BackOff',
        action: '',
        message: message.toWellFormed(),
        count: '7',
        component: 'kubelet',
        host: 'node-1',
        first_occurrence_time: '2026-11-23 07:55:00.000',
        last_occurrence_time: '2026-11-23 07:59:30.000',
        seen_at: '2026-11-23 07:59:31.000',
      },
    ]);
  });

  test('writes what the relay knows, into a table of 0.1 too once it has the columns of the README', async () => {
    const fresh = await newTable();
    const old = await newTable();
    const added = await readFile(join(schemaFile, '../README.md'), 'utf8');
    const [, migration = ''] = /```sql\n(ALTER TABLE kube_events\n[^`]+)```/.exec(added) ?? [];
    const columns = [...migration.matchAll(/ADD COLUMN (\w+)/g)].map(([, name]) => name);
    await admin.query(`ALTER TABLE \`${old}\` ${columns.map((name) => `DROP COLUMN ${name}`).join(', ')}`);
    expect(await opened({ table: old }).deliver([sampleEventIn(sampleContext)])).toMatchObject([
      { status: 'rejected', code: 'table_mismatch' },
    ]);
    await admin.query(migration.replace('kube_events', `\`${old}\``));

    for (const table of [fresh, old]) {
      expect(await opened({ table }).deliver([sampleEventIn(sampleContext)])).toEqual([delivered]);
      expect(await rows(table)).toMatchObject([
        {
          severity: 'warning',
          owner_kind: 'Deployment',
          owner_name: 'api',
          owner_guessed: '0',
          node: 'node-1',
          labels: '{"app":"api"}',
          annotations: '{}',
          namespace_labels: '{"team":"payments"}',
          namespace_annotations: '{}',
        },
      ]);
    }
  });

  test('stores hostile text as it is even where the server takes backslashes literally', async () => {
    const table = await newTable();
    await admin.query("SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'");
    const message = "\\'); DROP TABLE `kube_events`; -- \\";

    const outcomes = await opened({ table }).deliver([sampleEvent({ message })]);
    await admin.query('SET GLOBAL sql_mode = DEFAULT');

    expect(outcomes).toEqual([delivered]);
    expect(await rows(table)).toMatchObject([{ message }]);
  });

  test('leaves one row per version however often it is delivered', async () => {
    const table = await newTable();
    const destination = opened({ table });
    const batch = [version(1), version(2), version(2), sampleEvent()];

    await destination.deliver(batch);
    await destination.deliver(batch);

    expect((await rows(table)).map(({ event_key: key }) => key)).toEqual([
      'prod/one/1',
      'prod/one/2',
      'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467',
    ]);
  });

  test('keeps the newest version of each event in mode latest, whatever the order of arrival', async () => {
    const table = await newTable();
    const destination = opened({ table, mode: 'latest' });

    await destination.deliver([version(9)]);
    await destination.deliver([version(10), version(8)]);
    await destination.deliver([version(2)]);
    await destination.deliver([sampleEvent()]);

    expect(await rows(table)).toMatchObject([
      { event_key: 'prod/one', resource_version: '10', message: 'version 10', count: '10' },
      { event_key: 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11' },
    ]);
  });

  test('writes a thousand events of any size in few statements', async () => {
    const table = await newTable();
    const batch = Array.from({ length: 1000 }, (_, n) =>
      sampleEvent({ metadata: { uid: `uid-${n}` }, message: 'x'.repeat(n) }),
    );

    const outcomes = await opened({ table }).deliver(batch);

    expect(new Set(outcomes)).toEqual(new Set([delivered]));
    expect(await rows(table)).toHaveLength(1000);
  });

  test('cuts a text that is wider than its column between characters', async () => {
    const table = await newTable();

    await opened({ table }).deliver([sampleEvent({ reason: '🔥'.repeat(300) })]);

    expect(await rows(table)).toMatchObject([{ reason: '🔥'.repeat(255) }]);
  });

  test('isolates the one event that the table refuses', async () => {
    const table = await newTable();
    await admin.query(`ALTER TABLE ${table} MODIFY message varchar(20) NOT NULL`);
    const batch = [version(1), version(2, { message: 'much too long for twenty characters' }), version(3)];

    const outcomes = await opened({ table }).deliver(batch);

    expect(outcomes).toEqual([
      delivered,
      { status: 'rejected', scope: 'event', code: 'data_too_long', detail: "ER_DATA_TOO_LONG: column 'message'" },
      delivered,
    ]);
    expect((await rows(table)).map(({ message }) => message)).toEqual(['version 1', 'version 3']);
  });

  test('isolates an event that a constraint refuses', async () => {
    const table = await newTable();
    await admin.query(`ALTER TABLE ${table} ADD CONSTRAINT few CHECK (count < 5)`);

    const outcomes = await opened({ table }).deliver([version(1), version(7), version(3)]);

    expect(outcomes).toMatchObject([
      delivered,
      { status: 'rejected', scope: 'event', code: 'invalid_value' },
      delivered,
    ]);
  });

  test('splits a statement that is larger than max_allowed_packet', async () => {
    const table = await newTable();
    await admin.query('SET GLOBAL max_allowed_packet = 16384');
    const batch = [1, 2, 3, 4].map((n) => version(n, { message: 'x'.repeat(6000) }));
    const large = version(5, { message: 'x'.repeat(60_000) });

    const destination = opened({ table });
    const outcomes = await destination.deliver([...batch, large]);
    await admin.query('SET GLOBAL max_allowed_packet = DEFAULT');

    expect(outcomes).toMatchObject([
      ...batch.map(() => delivered),
      { status: 'rejected', scope: 'event', code: 'packet_too_large' },
    ]);
    expect(await rows(table)).toHaveLength(4);
  });

  test.each([
    [{ password: 'not-the-password' }, {}, 'authentication_failed'],
    [{}, { username: 'nobody' }, 'authentication_failed'],
    [{}, { database: 'nowhere' }, 'database_missing'],
    [{}, { table: 'no_table' }, 'table_missing'],
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
    await admin.query("CREATE OR REPLACE USER reader@'%' IDENTIFIED BY 'reader-password'");
    await admin.query(`GRANT SELECT ON ${service.database}.* TO reader@'%'`);
    const destination = opened({ table, username: 'reader' }, { password: 'reader-password' });

    expect(await destination.deliver([sampleEvent()])).toMatchObject([
      { status: 'rejected', scope: 'destination', code: 'permission_denied' },
    ]);
  });

  test('delivers over TLS that it verifies, also where the user must', async () => {
    const table = await newTable();
    await admin.query("CREATE OR REPLACE USER secured@'%' IDENTIFIED BY 'tls-password' REQUIRE SSL");
    await admin.query(`GRANT INSERT, UPDATE, SELECT ON ${service.database}.* TO secured@'%'`);
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

  test("writes kube-eventer's table, cut to its columns by the server, and keys out repeats once it has a key", async () => {
    await admin.query(`CREATE OR REPLACE TABLE kube_event (
      id bigint(20) NOT NULL AUTO_INCREMENT PRIMARY KEY,
      name varchar(255) NOT NULL DEFAULT '', namespace varchar(255) NOT NULL DEFAULT '',
      event_id varchar(255) NOT NULL DEFAULT '', type varchar(255) NOT NULL DEFAULT '',
      reason varchar(255) NOT NULL DEFAULT '', message varchar(255) NOT NULL DEFAULT '',
      kind varchar(255) NOT NULL DEFAULT '', first_occurrence_time varchar(255) NOT NULL DEFAULT '',
      last_occurrence_time varchar(255) NOT NULL DEFAULT '',
      update_time timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
    ) DEFAULT CHARSET=utf8mb4`);
    await admin.query('ALTER TABLE kube_event ADD UNIQUE KEY (event_id, last_occurrence_time)');
    const destination = opened({ layout: 'legacy' });

    for (let round = 0; round < 2; round += 1) {
      expect(await destination.deliver([sampleEvent({ message: 'é'.repeat(300) })])).toEqual([delivered]);
    }

    expect(await rows('kube_event')).toMatchObject([
      {
        namespace: 'payments',
        kind: 'Pod',
        name: 'api-7d9f',
        type: 'Warning',
        reason: 'BackOff',
        message: 'é'.repeat(255),
        event_id: '5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11',
        first_occurrence_time: '2026-11-23 07:55:00 +0000 UTC',
        last_occurrence_time: '2026-11-23 07:59:30 +0000 UTC',
      },
    ]);
  });

  test('retries while the server has no connection left', async () => {
    const table = await newTable();
    await admin.query("CREATE OR REPLACE USER busy@'%' IDENTIFIED BY 'busy-password' WITH MAX_USER_CONNECTIONS 1");
    await admin.query(`GRANT INSERT, UPDATE, SELECT ON ${service.database}.* TO busy@'%'`);
    const other = await connect({ user: 'busy', password: 'busy-password' });
    const destination = opened({ table, username: 'busy' }, { password: 'busy-password' });

    expect(await destination.deliver([version(1)])).toMatchObject([{ status: 'retry', code: 'too_many_connections' }]);
    await other.end();
    await expect.poll(() => destination.deliver([version(1)])).toEqual([delivered]);
  });

  test('retries while the table is full', async () => {
    const columns = ['namespace', 'kind', 'name', 'type', 'reason', 'message', 'event_id'];
    const times = ['first_occurrence_time', 'last_occurrence_time'];
    await admin.query('SET max_heap_table_size = 16384');
    await admin.query(
      `CREATE TABLE small (${[...columns, ...times].map((name) => `${name} varchar(100)`).join(', ')}) ENGINE = MEMORY`,
    );
    const destination = opened({ table: 'small', layout: 'legacy' });
    const batch = Array.from({ length: 50 }, (_, n) => version(n));

    const outcomes = await destination.deliver(batch);

    expect(outcomes).toEqual(
      batch.map(() => ({
        status: 'retry',
        code: 'server_full',
        detail: "ER_RECORD_FILE_FULL: The table 'small' is full",
      })),
    );
  });

  test('retries on a server that is read-only, with a new connection', async () => {
    const table = await newTable();
    await admin.query("CREATE OR REPLACE USER writer@'%' IDENTIFIED BY 'writer-password'");
    await admin.query(`GRANT INSERT, UPDATE, SELECT ON ${service.database}.* TO writer@'%'`);
    const destination = opened({ table, username: 'writer' }, { password: 'writer-password' });

    await admin.query('SET GLOBAL read_only = 1');
    const outcomes = await destination.deliver([version(1)]);
    await admin.query('SET GLOBAL read_only = 0');

    expect(outcomes).toMatchObject([{ status: 'retry', code: 'read_only' }]);
    expect(await destination.deliver([version(1)])).toEqual([delivered]);
  });

  test('retries when its row stays locked', async () => {
    const table = await newTable();
    const destination = opened({ table, mode: 'latest' });
    await destination.deliver([version(1)]);
    await admin.query('SET GLOBAL innodb_lock_wait_timeout = 1');
    await admin.query('BEGIN');
    await admin.query(`SELECT * FROM ${table} FOR UPDATE`);
    const fresh = opened({ table, mode: 'latest' });

    expect(await fresh.deliver([version(2)])).toMatchObject([{ status: 'retry', code: 'deadlock' }]);
    await admin.query('COMMIT');
    await admin.query('SET GLOBAL innodb_lock_wait_timeout = DEFAULT');
    expect(await fresh.deliver([version(2)])).toEqual([delivered]);
  });

  test('delivers after the server has closed the idle connection', async () => {
    const table = await newTable();
    const destination = opened({ table });
    await destination.deliver([version(1)]);
    await admin.query(
      "SELECT GROUP_CONCAT(id) INTO @others FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND user = 'courier'",
    );
    const [[{ others }]] = await admin.query<[{ others: string } & RowDataPacket]>('SELECT @others AS others');
    for (const id of others.split(',')) await admin.query(`KILL ${id}`);

    await expect.poll(() => destination.deliver([version(2)])).toEqual([delivered]);
    expect(await rows(table)).toHaveLength(2);
  });

  test('does not trust a connection that was idle for minutes', async () => {
    const table = await newTable();
    const destination = opened({ table });
    const connections = async (): Promise<number> => {
      const [found] = await admin.query<RowDataPacket[]>("SHOW GLOBAL STATUS LIKE 'Connections'");
      return Number(found[0]?.['Value']);
    };
    await destination.deliver([version(1)]);
    await destination.deliver([version(2)]);
    const before = await connections();

    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 300_000 });
    expect(await destination.deliver([version(3)])).toEqual([delivered]);
    vi.useRealTimers();

    expect(await connections()).toBe(before + 1);
  });

  test('loses nothing when the server restarts in the middle', async () => {
    const table = await newTable();
    const destination = opened({ table });
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
    while (!seen.has('retry')) {
      for (const { status } of await destination.deliver([version(0)])) seen.add(status);
      await sleep(5);
    }
    await restarting;
    while (waiting.size > 0) await deliverSome();
    admin = await connect();

    expect(seen).toEqual(new Set(['delivered', 'retry']));
    expect(await rows(table)).toHaveLength(60);
  });

  function opened(
    options: Record<string, unknown>,
    secrets: Record<string, unknown> = { password: service.password },
  ): Deliverer {
    const { host, port, user, database } = service;
    const all = { host, port, database, username: user, ...options };
    const destination = openDestination('mysql', { options: all, secrets });
    open.push(destination);
    return { deliver: async (batch) => (await destination).deliver(batch) };
  }

  function connect(login: object = {}): Promise<Connection> {
    const { host, port, user, password, database } = service;
    return createConnection({ host, port, user, password, database, dateStrings: true, ...login });
  }

  let tables = 0;
  async function newTable(): Promise<string> {
    const table = `events_${++tables}`;
    await admin.query(schema.replace('`kube_events`', `\`${table}\``));
    return table;
  }

  async function rows(table: string): Promise<readonly Record<string, string>[]> {
    const [found] = await admin.query<RowDataPacket[]>(`SELECT * FROM ${table} ORDER BY id`);
    return found.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value)])));
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
