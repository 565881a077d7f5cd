import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleContext, sampleEvent, sampleEventIn } from '../../../functions/core/contract/sample.ts';
import { config } from '../../../functions/sinks/clickhouse/config.ts';
import { insertOutcome } from '../../../functions/sinks/clickhouse/reply.ts';
import { rowJson } from '../../../functions/sinks/clickhouse/row.ts';
import { expectDocumented } from '../../support/documented-codes.ts';
import { openDestination, type LiveDestination } from '../../support/live-destination.ts';
import { sinksFolder } from '../../support/sink-under-test.ts';
import { startClickhouse, type Clickhouse } from '../../support/vendors/clickhouse.ts';

const delivered = { status: 'delivered' };
const now = new Date('2026-11-23T08:00:00Z');
const options = { username: 'kube', password: 'pass:wörd' };

describe('the clickhouse sink and a strict server', () => {
  let server: Clickhouse;
  let destination: LiveDestination;

  beforeAll(async () => {
    const schema = await readFile(join(sinksFolder, 'clickhouse/schema.sql'), 'utf8');
    server = await startClickhouse({ ...options, schema, table: '`default`.`kube_events`' });
    destination = await opened({});
  });

  afterAll(async () => {
    await destination.close();
    await server.stop();
  });

  function opened(others: object, password = options.password): Promise<LiveDestination> {
    const document = { endpoint: server.url, username: options.username, ...others };
    return openDestination('clickhouse', { options: document, secrets: { password } });
  }

  it('inserts a repeated batch once', async () => {
    const batch = Array.from({ length: 1000 }, (_, n) => sampleEvent({ metadata: { uid: `repeat-${n}` } }));
    for (let round = 0; round < 2; round += 1)
      expect(new Set(await destination.deliver(batch))).toEqual(new Set([delivered]));

    expect(server.rows.filter(({ uid }) => String(uid).startsWith('repeat-'))).toHaveLength(1000);
  });

  it('is never refused whatever an event holds', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 });
    const event = fc.record({
      message: text,
      reason: text,
      count: fc.double(),
      metadata: fc.record({ uid: text, name: text, resourceVersion: text }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 50, maxLength: 50 }), text, async (fields, label) => {
        const context = { ...sampleContext, labels: { [label]: label } };
        const outcomes = await destination.deliver(fields.map((each) => sampleEventIn(context, each)));
        expect(new Set(outcomes)).toEqual(new Set([delivered]));
      }),
      { numRuns: 100 },
    );
  });

  it('rejects the destination on a wrong password and a table that is not there', async () => {
    const wrong = await Promise.all([opened({}, 'not-the-password'), opened({ table: 'other' })]);
    const outcomes = await Promise.all(wrong.map((each) => each.deliver([sampleEvent()])));
    await Promise.all(wrong.map((each) => each.close()));

    expect(outcomes.flat()).toMatchObject([
      { status: 'rejected', scope: 'destination', code: 'authentication_failed' },
      { status: 'rejected', scope: 'destination', code: 'table_missing' },
    ]);
  });
});

it('writes every column of schema.sql and no other', async () => {
  const schema = await readFile(join(sinksFolder, 'clickhouse/schema.sql'), 'utf8');
  const columns = [...schema.matchAll(/^ {2}([a-z_]+) /gm)].map(([, name]) => name);

  expect(Object.keys(JSON.parse(rowJson(sampleEvent())))).toEqual(columns);
});

describe('the reading of a reply', () => {
  it.each([
    [48, 'rejected', 'table_mismatch'],
    [60, 'rejected', 'table_missing'],
    [117, 'rejected', 'table_mismatch'],
    [164, 'rejected', 'setting_refused'],
    [497, 'rejected', 'permission_denied'],
    [27, 'split', 'invalid_value'],
    [131, 'split', 'invalid_value'],
    [691, 'split', 'invalid_value'],
    [469, 'split', 'constraint_violated'],
    [241, 'retry', 'overloaded'],
    [319, 'retry', 'unavailable'],
    [77777, 'retry', 'server_error'],
  ])('makes the error %i %s as %s, wherever it is said', (number, status, code) => {
    const body = `Code: ${number}. DB::Exception: secret text. (SOME_NAME) (version 26.9)`;
    const headers = { 'x-clickhouse-exception-code': String(number) };
    const expected = { status, code };

    expect(insertOutcome({ status: 500, headers, body }, now)).toMatchObject(expected);
    expect(insertOutcome({ status: 200, headers: { 'x-clickhouse-summary': '{}' }, body }, now)).toMatchObject(
      expected,
    );
  });

  it('does not quote the row that was refused', () => {
    const body =
      "Code: 27. DB::Exception: Cannot parse '(SECRET_TEXT)'. (CANNOT_PARSE_INPUT_ASSERTION_FAILED) (version 26.9)";
    expect(insertOutcome({ status: 400, headers: {}, body }, now)).toMatchObject({
      detail: 'code 27: CANNOT_PARSE_INPUT_ASSERTION_FAILED',
    });
  });

  it('splits what belongs to too many partitions, and waits where there are too many parts', () => {
    const reply = (said: string) => ({
      status: 500,
      headers: {},
      body: `Code: 252. DB::Exception: ${said}. (TOO_MANY_PARTS)`,
    });
    const partitions = 'Too many partitions for single INSERT block (more than 100)';

    expect(insertOutcome(reply(partitions), now)).toMatchObject({ status: 'split', code: 'too_many_partitions' });
    expect(insertOutcome(reply('Too many parts (300)'), now)).toMatchObject({ status: 'retry', afterMs: 30_000 });
  });

  it('documents every code it can return', () => {
    const outcomes = Array.from({ length: 1000 }, (_, number) =>
      insertOutcome({ status: 500, headers: { 'x-clickhouse-exception-code': String(number) }, body: '' }, now),
    );
    expectDocumented(config, outcomes);
  });
});
