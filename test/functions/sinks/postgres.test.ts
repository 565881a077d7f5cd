import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleEvent } from '../../../functions/core/contract/sample.ts';
import { parseSettings } from '../../../functions/core/destinations/destination.ts';
import { classify } from '../../../functions/sinks/postgres/classify.ts';
import { config } from '../../../functions/sinks/postgres/config.ts';
import { sink } from '../../../functions/sinks/postgres/sink.ts';
import { insert, rowJson } from '../../../functions/sinks/postgres/statement.ts';
import { expectDocumented } from '../../support/documented-codes.ts';

const text = fc.string({ unit: 'binary', maxLength: 400 });
/** How PgBouncer begins when it has not reached its server lately. */
const CACHED = 'server login has been failing, cached error:';
const target = { table: 'kube_events', mode: 'history' } as const;

describe('the statement', () => {
  it('never contains anything of an event', () => {
    fc.assert(
      fc.property(text, text, fc.constantFrom('history', 'latest'), (message, reason, mode) => {
        const { sql } = insert([rowJson(sampleEvent({ message, reason }), mode)], { ...target, mode });
        expect(sql).toBe(insert([], { ...target, mode }).sql);
      }),
    );
  });

  it('holds texts as they are, but for what PostgreSQL cannot store', () => {
    const awkward = fc.string({ unit: fc.constantFrom('\0', '\\', 'u0000', '"', '\uD800', 'a') });
    fc.assert(
      fc.property(fc.oneof(text, awkward), (message) => {
        const json = rowJson(
          sampleEvent({ message, metadata: { uid: 'u', labels: { [message]: message } } }),
          'history',
        );
        const stored = message.toWellFormed().replaceAll('\0', '\uFFFD');
        const row = JSON.parse(json);
        expect(row).toMatchObject({ message: stored });
        expect(row.event.metadata.labels).toEqual({ [stored]: stored });
      }),
    );
  });

  it('keeps counts and versions within their columns', () => {
    const event = sampleEvent({ count: 1e20, metadata: { uid: 'u', resourceVersion: 'opaque-text' } });

    expect(JSON.parse(rowJson(event, 'history'))).toMatchObject({
      count: 2147483647,
      resource_version: String(Date.parse('2026-11-23T07:59:30Z')),
    });
  });

  it('goes to the table that is set, in its schema, quoted', () => {
    expect(insert([], { ...target, table: 'ops.my-events$1' }).sql).toContain('INSERT INTO "ops"."my-events$1" AS');
  });
});

describe('the rendering', () => {
  it('keeps a statement below 1 MiB and 500 rows, unless one event alone is larger', () => {
    const events = Array.from({ length: 1200 }, (_, n) =>
      sampleEvent({ message: 'é'.repeat(n), metadata: { uid: `u${n}` } }),
    );
    const large = sampleEvent({ message: 'x'.repeat(2_000_000), metadata: { uid: 'large' } });

    const parcels = sink.render([...events, large], optionsOf({}));

    expect(parcels.flatMap((parcel) => parcel.events)).toEqual([...events, large]);
    const sizes = parcels.map(({ payload }) => Buffer.byteLength(payload.values[0]));
    expect(sizes.slice(0, -1).every((bytes) => bytes <= 1024 * 1024 + 1)).toBe(true);
    expect(parcels.every((parcel) => parcel.events.length <= 500)).toBe(true);
  });

  it('writes the newest of each event in mode latest, which no statement may replace twice', () => {
    const versions = [3, 10, 9].map((n) => sampleEvent({ metadata: { uid: 'u', resourceVersion: String(n) } }));

    const [parcel] = sink.render(versions, optionsOf({ mode: 'latest' }));

    expect(parcel?.events).toEqual(versions);
    expect(JSON.parse(parcel?.payload.values[0] ?? '')).toMatchObject([
      { event_key: 'prod/u', resource_version: '10' },
    ]);
  });
});

describe('the classification of errors', () => {
  it.each([
    [{ code: 'ECONNREFUSED', message: '' }, 'connection_refused'],
    [{ code: 'ENOTFOUND', message: '' }, 'host_not_found'],
    [{ code: 'EPIPE', message: '' }, 'connection_lost'],
    [{ code: 'DEPTH_ZERO_SELF_SIGNED_CERT', message: '' }, 'tls_failed'],
    [{ code: '57P01', message: 'terminating connection' }, 'connection_lost'],
    [{ code: '57P03', message: 'the database system is starting up' }, 'connection_lost'],
    [{ code: '08006', message: '' }, 'connection_lost'],
    [{ code: '08P01', message: 'no more connections allowed (max_client_conn)' }, 'connection_lost'],
    [{ code: '08P01', message: 'server shutting down' }, 'connection_lost'],
    [{ code: '08P01', message: 'client_login_timeout (server down)' }, 'connection_lost'],
    [{ code: '08P01', message: `${CACHED} connect failed (server_login_retry)` }, 'connection_lost'],
    [{ code: '08P01', message: `${CACHED} no such user (server_login_retry)` }, 'connection_lost'],
    [{ code: '25006', message: 'read-only transaction' }, 'read_only'],
    [new Error('Connection terminated due to connection timeout'), 'timeout'],
    [new Error('Query read timeout'), 'timeout'],
    [new Error('Client has encountered a connection error and is not queryable'), 'connection_lost'],
    ['what', 'server_error'],
  ])('retries with a new connection after %j', (error, code) => {
    expect(classify(error)).toMatchObject({ status: 'retry', code, reconnect: true });
  });

  it.each([
    ['40001', 'retry', 'conflict'],
    ['55P03', 'retry', 'conflict'],
    ['57014', 'retry', 'timeout'],
    ['53300', 'retry', 'too_many_connections'],
    ['53100', 'retry', 'server_full'],
    ['58030', 'retry', 'server_error'],
    ['XX000', 'retry', 'server_error'],
    ['22P05', 'split', 'invalid_value'],
    ['22001', 'split', 'data_too_long'],
    ['23502', 'split', 'constraint_violated'],
    ['23505', 'split', 'duplicate_key'],
    ['54000', 'split', 'too_large'],
    ['28000', 'rejected', 'authentication_failed'],
    ['3D000', 'rejected', 'database_missing'],
    ['42501', 'rejected', 'permission_denied'],
    ['42P10', 'rejected', 'table_mismatch'],
  ])('makes %s %s as %s', (code, status, meaning) => {
    expect(classify({ code, message: '' })).toMatchObject({ status, code: meaning });
  });

  it.each([
    ['unsupported startup parameter: lock_timeout', 'protocol_refused'],
    ['unsupported startup parameter in options: lock_timeout', 'protocol_refused'],
    ['no such database: evnets', 'database_missing'],
    ['no such user', 'authentication_failed'],
    ['password authentication failed', 'authentication_failed'],
    ['SASL authentication failed', 'authentication_failed'],
    ['SSL required', 'authentication_failed'],
  ])('rejects the destination where PgBouncer says %s', (message, code) => {
    expect(classify({ code: '08P01', message })).toMatchObject({ status: 'rejected', scope: 'destination', code });
  });

  it('does not quote the event in the detail of a refused row', () => {
    const error = { code: '22P02', message: 'invalid input: "secret text"', detail: 'secret text', column: 'message' };
    expect(classify(error)).toEqual({ status: 'split', code: 'invalid_value', detail: '22P02, column message' });
  });

  it('tells a missing partition from a row that a constraint refuses', () => {
    const message = 'no partition of relation "kube_events" found for row';
    expect(classify({ code: '23514', message })).toMatchObject({ scope: 'destination', code: 'partition_missing' });
  });

  it('documents every code it can return', () => {
    const classes = ['08', '0A', '22', '23', '25', '28', '3D', '3F', '40', '42', '44', '53', '54', '55', '57', '58'];
    expectDocumented(
      config,
      classes.flatMap((each) => ['000', '001', 'P01', '501', '505'].map((rest) => classify({ code: each + rest }))),
    );
  });
});

describe('the options', () => {
  it.each([
    [{ table: 'a"b' }, 'table'],
    [{ table: 'a.b.c' }, 'table'],
    [{ database: 'x'.repeat(64) }, 'database'],
    [{ port: 0 }, 'port'],
    [{ password: 'in the wrong document' }, 'password'],
  ])('refuses %j naming the field', (document, field) => {
    expect(parsed(document)).toMatchObject({ problems: [{ field }] });
  });
});

function parsed(document: object) {
  return parseSettings(
    config,
    JSON.stringify({ host: 'postgres.example.com', database: 'events', username: 'u', ...document }),
  );
}

function optionsOf(document: object) {
  const result = parsed(document);
  if ('problems' in result) throw new Error(JSON.stringify(result.problems));
  return result.value.options;
}
