import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterEvent } from '../../../functions/core/contract/event.ts';
import { sampleContext, sampleEvent, sampleEventIn } from '../../../functions/core/contract/sample.ts';
import { recordOf } from '../../../functions/core/contract/untrusted.ts';
import { rowJson } from '../../../functions/sinks/clickhouse/row.ts';
import { anyText } from '../../support/any-text.ts';
import { openDestination, type LiveDestination } from '../../support/live-destination.ts';
import { clickhouse, startClickhouse, type ClickhouseService } from '../../support/services/clickhouse.ts';
import { requireService } from '../../support/services/service.ts';
import { sinksFolder } from '../../support/sink-under-test.ts';

const delivered = { status: 'delivered' };

describe.runIf(requireService(clickhouse))("the clickhouse sink and ClickHouse's engine", () => {
  let service: ClickhouseService;
  let schema: string;
  let tables = 0;
  const open: LiveDestination[] = [];

  beforeAll(async () => {
    service = await startClickhouse();
    schema = await readFile(join(sinksFolder, 'clickhouse/schema.sql'), 'utf8');
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((destination) => destination.close()));
  });
  afterAll(() => service?.stop());

  it('reads back each value of an event as it was written', async () => {
    const { table, destination } = await fresh();
    const message =
      'quotes "\'` \\ \0 back\\slash\n emoji 🔥 漢字 \u202E lone \uD800 -- ; DROP TABLE kube_events;\n\n;';
    const events = [
      sampleEventIn(sampleContext, { message, count: 2 ** 40 }),
      sampleEvent({ metadata: { resourceVersion: '18446744073709551615' }, lastTimestamp: '2026-02-28T23:59:59Z' }),
      sampleEvent({ metadata: { uid: 'early' }, firstTimestamp: '1970-01-01T00:00:00Z' }),
      sampleEvent({ metadata: { uid: 'micro' }, eventTime: '2026-11-23T07:59:30.123456Z', lastTimestamp: null }),
    ];

    expect(new Set(await destination.deliver(events))).toEqual(new Set([delivered]));

    expect(await rows(table)).toEqual(expected(events));
  });

  it('reads back whatever an event holds', async () => {
    const { table, destination } = await fresh();
    const text = anyText(200);
    const event = fc.record({
      message: text,
      reason: text,
      count: fc.double(),
      metadata: fc.record({ uid: text, name: text, resourceVersion: text }),
    });
    const batch = fc.array(event, { minLength: 20, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(batch, text, text, async (fields, label, value) => {
        await service.query(`TRUNCATE TABLE ${table}`);
        const events = fields.map((each, index) =>
          sampleEventIn({ ...sampleContext, labels: { [label]: value } }, { ...each, action: `number ${index}` }),
        );
        expect(new Set(await destination.deliver(events))).toEqual(new Set([delivered]));
        expect(await rows(table)).toEqual(expected(events));
      }),
      { numRuns: 15 },
    );
  });

  it('inserts a repeated batch once, and shows one row of each event that comes again in another', async () => {
    const { table, destination } = await fresh();
    const batch = Array.from({ length: 1000 }, (_, n) => sampleEvent({ metadata: { uid: `uid-${n}` } }));
    for (let round = 0; round < 3; round += 1)
      expect(new Set(await destination.deliver(batch))).toEqual(new Set([delivered]));
    expect(await service.query(`SELECT count() FROM ${table}`)).toBe('1000');

    await destination.deliver(batch.slice(300, 700));

    expect(await service.query(`SELECT count() FROM ${table} FINAL`)).toBe('1000');
  });

  it('isolates the events that the table refuses', async () => {
    const { table, destination } = await fresh();
    await service.query(`ALTER TABLE ${table} ADD CONSTRAINT few CHECK count < 5`);
    await service.query(`ALTER TABLE ${table} MODIFY COLUMN action FixedString(10)`);
    await service.query(`ALTER TABLE ${table} MODIFY COLUMN name Enum('known' = 1)`);
    const named = (name: string, others: object = {}): ClusterEvent =>
      sampleEvent({ involvedObject: { name }, metadata: { uid: name, name: 'known' }, ...others });
    const batch = [
      named('a'),
      named('b', { count: 5 }),
      named('c', { action: 'far too long' }),
      named('d', { metadata: { uid: 'd', name: 'other' } }),
      named('e'),
    ];

    expect(await destination.deliver(batch)).toMatchObject([
      delivered,
      { status: 'rejected', scope: 'event', code: 'constraint_violated' },
      { status: 'rejected', scope: 'event', code: 'invalid_value', detail: 'code 131: TOO_LARGE_STRING_SIZE' },
      { status: 'rejected', scope: 'event', code: 'invalid_value', detail: 'code 691: UNKNOWN_ELEMENT_OF_ENUM' },
      delivered,
    ]);
    expect(await service.query(`SELECT uid FROM ${table} ORDER BY uid`)).toBe('a\ne');
  });

  it('splits a batch of more months than an INSERT may have', async () => {
    const { table, destination } = await fresh();
    const months = Array.from({ length: 150 }, (_, n) =>
      sampleEvent({ lastTimestamp: new Date(Date.UTC(2027, n, 1)).toISOString(), metadata: { uid: `month-${n}` } }),
    );

    expect(new Set(await destination.deliver(months))).toEqual(new Set([delivered]));

    expect(await service.query(`SELECT uniqExact(toYYYYMM(last_seen)), count() FROM ${table} FINAL`)).toBe('150\t150');
  });

  it.each([
    ['lacks a column', 'table_mismatch', 'ALTER TABLE {table} DROP COLUMN node'],
    ['is a view', 'table_mismatch', 'RENAME TABLE {table} TO {table}_; CREATE VIEW {table} AS SELECT 1 AS id'],
    ['is gone', 'table_missing', 'DROP TABLE {table}'],
  ])('rejects the destination where the table %s', async (_, code, change) => {
    const { table, destination } = await fresh();
    for (const statement of change.replaceAll('{table}', table).split('; ')) await service.query(statement);

    expect(await destination.deliver([sampleEvent(), sampleEvent()])).toMatchObject([
      { status: 'rejected', scope: 'destination', code },
      { status: 'rejected', scope: 'destination', code },
    ]);
  });

  it('rejects the destination where the database is missing or the password wrong, and fills further columns', async () => {
    const { table } = await fresh();
    await service.query(`ALTER TABLE ${table} ADD COLUMN inserted DateTime DEFAULT now()`);
    const wrong = await Promise.all([
      opened({ table, database: 'nowhere' }),
      opened({ table }, 'not-the-password'),
      opened({ table }),
    ]);
    const outcomes = await Promise.all(wrong.map((destination) => destination.deliver([sampleEvent()])));

    expect(outcomes.flat()).toMatchObject([
      { status: 'rejected', scope: 'destination', code: 'database_missing' },
      { status: 'rejected', scope: 'destination', code: 'authentication_failed' },
      delivered,
    ]);
  });

  async function fresh(): Promise<{ table: string; destination: LiveDestination }> {
    tables += 1;
    const table = `events_${tables}`;
    await service.query(schema.replace('kube_events', table));
    return { table, destination: await opened({ table }) };
  }

  async function opened(options: object, password = service.password): Promise<LiveDestination> {
    const document = { endpoint: service.url, username: service.username, ...options };
    const destination = await openDestination('clickhouse', { options: document, secrets: { password } });
    open.push(destination);
    return destination;
  }

  async function rows(table: string): Promise<readonly unknown[]> {
    const settings = 'SETTINGS output_format_json_quote_64bit_integers = 1';
    const found = await service.query(`SELECT * FROM ${table} FORMAT JSONEachRow ${settings}`);
    return inOrder(found.split('\n').map((line) => recordOf(JSON.parse(line))));
  }
});

/** As the server writes what the sink sends: instants with a space, and without a zone. */
function expected(events: readonly ClusterEvent[]): readonly unknown[] {
  return inOrder(
    events.map((event) => {
      const row = recordOf(JSON.parse(rowJson(event)));
      const instants = ['first_seen', 'last_seen', 'seen_at'].map((name) => [
        name,
        String(row[name]).replace('T', ' ').replace('Z', ''),
      ]);
      return { ...row, ...Object.fromEntries(instants) };
    }),
  );
}

function inOrder(found: readonly Readonly<Record<string, unknown>>[]): readonly unknown[] {
  return found
    .map((row) => JSON.stringify(row))
    .toSorted()
    .map((line) => JSON.parse(line));
}
