import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../../functions/core/destinations/destination.ts';
import { sampleEvent } from '../../../functions/core/contract/sample.ts';
import { classify } from '../../../functions/sinks/mysql/classify.ts';
import { config } from '../../../functions/sinks/mysql/config.ts';
import { sink } from '../../../functions/sinks/mysql/sink.ts';
import { insert } from '../../../functions/sinks/mysql/statement.ts';
import { expectDocumented } from '../../support/documented-codes.ts';

const text = fc.string({ unit: 'binary', maxLength: 400 });

describe('the statement', () => {
  it('never contains anything of an event, and binds as many values as it has places', () => {
    const event = fc.record({
      message: text,
      reason: text,
      type: text,
      source: fc.record({ component: text, host: text }),
    });
    fc.assert(
      fc.property(
        fc.array(event, { minLength: 1, maxLength: 10 }),
        fc.constantFrom('standard', 'legacy'),
        fc.constantFrom('history', 'latest'),
        (fields, layout, mode) => {
          const { sql, values } = insert(fields.map(sampleEvent), { layout, mode });
          const harmless = insert(
            fields.map(() => sampleEvent()),
            { layout, mode },
          );
          expect(sql).toBe(harmless.sql);
          expect(values).toHaveLength(sql.split('?').length - 1);
        },
      ),
    );
  });

  it('holds well-formed texts within the widths of schema.sql', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (reason) => {
        const { sql, values } = insert([sampleEvent({ reason })], { layout: 'standard', mode: 'history' });
        const column = [...sql.matchAll(/`(\w+)`/g)].findIndex(([, name]) => name === 'reason') - 1;
        const stored = String(values[column]);
        expect(stored.isWellFormed()).toBe(true);
        expect(stored).toBe(Array.from(reason).slice(0, 255).join('').toWellFormed());
      }),
    );
  });

  it('compares versions until the last assignment, so that an older row never wins', () => {
    const { sql } = insert([sampleEvent()], { layout: 'standard', mode: 'latest' });

    expect(sql).toMatch(/ON DUPLICATE KEY UPDATE `cluster` = IF\(VALUES\(`resource_version`\) >= `resource_version`/);
    expect(sql).toMatch(/, `resource_version` = IF\([^,]+, VALUES\(`resource_version`\), `resource_version`\)$/);
  });

  it('keeps counts and versions within their columns', () => {
    const { values } = insert([sampleEvent({ count: 1e20, metadata: { uid: 'u', resourceVersion: 'opaque-text' } })], {
      layout: 'standard',
      mode: 'history',
    });

    expect(values).toContain(4294967295);
    expect(values.at(-1)).toBe(String(Date.parse('2026-11-23T07:59:30Z')));
  });

  it('goes to the table that is set, quoted', () => {
    const target = { table: 'my-events$1', layout: 'standard', mode: 'history' } as const;
    expect(insert([sampleEvent()], target).sql).toContain('INSERT INTO `my-events$1` (');
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
    const sizes = parcels.map(({ payload }) =>
      payload.values.reduce<number>((sum, value) => sum + Buffer.byteLength(String(value)), 0),
    );
    expect(sizes.slice(0, -1).every((bytes) => bytes <= 1024 * 1024)).toBe(true);
    expect(parcels.every((parcel) => parcel.events.length <= 500)).toBe(true);
    expect(parcels.at(-1)?.events).toEqual([large]);
  });
});

describe('the classification of MySQL errors', () => {
  it.each([
    [{ code: 'ECONNREFUSED', message: '' }, 'connection_refused'],
    [{ code: 'ENOTFOUND', message: '' }, 'host_not_found'],
    [{ code: 'ETIMEDOUT', message: '' }, 'timeout'],
    [{ code: 'ECONNRESET', message: '' }, 'connection_lost'],
    [{ code: 'PROTOCOL_SEQUENCE_TIMEOUT', message: '' }, 'timeout'],
    [{ code: 'HANDSHAKE_SSL_ERROR', message: 'self-signed certificate' }, 'tls_failed'],
    [{ code: 'ER_OPTION_PREVENTS_STATEMENT', errno: 1290, message: '--read-only' }, 'read_only'],
    [{ code: 'ER_SERVER_SHUTDOWN', errno: 1053, message: '' }, 'connection_lost'],
    [new Error('Pool is closed.'), 'server_error'],
    ['what', 'server_error'],
  ])('retries with a new connection after %j', (error, code) => {
    expect(classify(error)).toMatchObject({ status: 'retry', code, reconnect: true });
  });

  it.each([
    [1205, 'deadlock'],
    [1040, 'too_many_connections'],
    [1114, 'server_full'],
    [9999, 'server_error'],
  ])('retries after error %i as %s', (errno, code) => {
    expect(classify({ code: 'ER_ANY', errno, message: '' })).toMatchObject({ status: 'retry', code });
  });

  it('names a host that cannot be found', () => {
    expect(classify({ code: 'EAI_AGAIN', message: 'getaddrinfo EAI_AGAIN db.invalid' })).toMatchObject({
      detail: 'the host db.invalid cannot be found',
    });
  });

  it('never takes for success that a row meets a unique key of the user, which undoes the rows around it', () => {
    const message = "Duplicate entry 'secret text' for key 'kube_events.own_key'";
    expect(classify({ code: 'ER_DUP_ENTRY', errno: 1062, message })).toEqual({
      status: 'split',
      code: 'duplicate_key',
      detail: "ER_DUP_ENTRY: key 'kube_events.own_key'",
    });
  });

  it('does not quote the event in the detail of a refused row', () => {
    const message = "Incorrect string value: '\\xF0\\x9F secret text' for column 'message' at row 1";
    expect(classify({ code: 'ER_TRUNCATED_WRONG_VALUE_FOR_FIELD', errno: 1366, message })).toEqual({
      status: 'split',
      code: 'invalid_value',
      detail: "ER_TRUNCATED_WRONG_VALUE_FOR_FIELD: column 'message'",
    });
  });

  it('documents every code it can return', () => {
    const outcomes = Array.from({ length: 3500 }, (_, n) => classify({ code: 'ER_ANY', errno: 1000 + n, message: '' }));
    expectDocumented(config, outcomes);
  });
});

describe('the options', () => {
  it.each([
    [{ table: 'a`b' }, 'table'],
    [{ table: 'a; DROP TABLE b' }, 'table'],
    [{ database: 'x'.repeat(65) }, 'database'],
    [{ port: 0 }, 'port'],
    [{ password: 'in the wrong document' }, 'password'],
  ])('refuses %j naming the field', (document, field) => {
    expect(parsed(document)).toMatchObject({ problems: [{ field }] });
  });
});

function parsed(document: object) {
  return parseSettings(
    config,
    JSON.stringify({ host: 'mysql.example.com', database: 'events', username: 'u', ...document }),
  );
}

function optionsOf(document: object) {
  const result = parsed(document);
  if ('problems' in result) throw new Error(JSON.stringify(result.problems));
  return result.value.options;
}
