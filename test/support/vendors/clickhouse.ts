import { startHttpServer, type Answer, type ReceivedRequest } from '../http-server.ts';

export interface Clickhouse {
  readonly url: string;
  /** What a `SELECT` without FINAL would find. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly inserts: () => number;
  stop(): Promise<void>;
}

export interface ClickhouseOptions {
  readonly username: string;
  readonly password: string;
  /** The table's CREATE statement: its columns are what it knows. */
  readonly schema: string;
  readonly table: string;
}

const SETTINGS = {
  async_insert: ['0'],
  wait_for_async_insert: ['1'],
  wait_end_of_query: ['1'],
  date_time_input_format: ['best_effort'],
  input_format_skip_unknown_fields: ['0'],
  insert_deduplicate: ['1'],
};

/**
 * ClickHouse's HTTP interface for one table: an INSERT of JSONEachRow, all rows or none, with the numbers and names of its errors.
 * Stricter than the server: it also refuses numbers that the server wraps, texts it stores broken, and settings that lose errors.
 * https://clickhouse.com/docs/interfaces/http
 */
export async function startClickhouse(options: ClickhouseOptions): Promise<Clickhouse> {
  const { username, password, table } = options;
  const columns = new Map(
    [...options.schema.matchAll(/^ {2}([a-z_]+) ((?:LowCardinality\()?[A-Z]\w+)/gm)].map(([, name = '', type = '']) => [
      name,
      type,
    ]),
  );
  const rows: Readonly<Record<string, unknown>>[] = [];
  const tokens = new Set<string>();
  let inserts = 0;
  const server = await startHttpServer(answer);
  return { url: server.url, rows, inserts: () => inserts, stop: () => server.stop() };

  function answer(request: ReceivedRequest): Answer {
    const login = Buffer.from(`${username}:${password}`).toString('base64');
    if (request.headers['authorization'] !== `Basic ${login}`) return exception(403, 516, 'AUTHENTICATION_FAILED');
    const { pathname, searchParams: query } = new URL(request.path, 'http://localhost');
    if (request.method !== 'POST' || pathname !== '/') return { status: 404, body: 'There is no handle' };
    const { insert_deduplication_token: token = '', query: sql, ...settings } = Object.fromEntries(query);
    const wrong = Object.entries(settings).find(([name, value]) => !listed(name).includes(value));
    if (wrong !== undefined || Object.keys(settings).length !== Object.keys(SETTINGS).length)
      return exception(404, 115, 'UNKNOWN_SETTING');
    if (sql !== `INSERT INTO ${table} FORMAT JSONEachRow`) return exception(404, 60, 'UNKNOWN_TABLE');
    if (!/^[0-9a-f]{64}$/.test(token)) return exception(400, 36, 'BAD_ARGUMENTS');
    if (!request.body.endsWith('\n')) return exception(400, 33, 'CANNOT_READ_ALL_DATA');
    const found: Readonly<Record<string, unknown>>[] = [];
    for (const line of request.body.trimEnd().split('\n')) {
      const row: Readonly<Record<string, unknown>> = JSON.parse(line);
      const refusal = Object.entries(row)
        .map(([name, value]) => refused(columns.get(name), value))
        .find((each) => each !== undefined);
      if (refusal !== undefined) return refusal;
      found.push(row);
    }
    inserts += 1;
    if (!tokens.has(token)) rows.push(...found);
    tokens.add(token);
    return { status: 200, headers: { 'x-clickhouse-summary': `{"written_rows":"${found.length}"}` } };
  }
}

function listed(setting: string): readonly string[] {
  return Object.entries(SETTINGS).find(([name]) => name === setting)?.[1] ?? [];
}

function refused(type: string | undefined, value: unknown): Answer | undefined {
  switch (type) {
    case undefined:
      return exception(400, 117, 'INCORRECT_DATA');
    case 'String':
    case 'LowCardinality(String':
      return isText(value) ? undefined : exception(400, 27, 'CANNOT_PARSE_INPUT_ASSERTION_FAILED');
    case 'DateTime64':
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(String(value))
        ? undefined
        : exception(400, 41, 'CANNOT_PARSE_DATETIME');
    case 'Map':
      return typeof value === 'object' && value !== null && Object.entries(value).flat().every(isText)
        ? undefined
        : exception(400, 26, 'CANNOT_PARSE_QUOTED_STRING');
    default: {
      const max = 2n ** BigInt(type.replace('UInt', '')) - 1n;
      return /^\d{1,20}$/.test(String(value)) && BigInt(String(value)) <= max
        ? undefined
        : exception(400, 72, 'CANNOT_PARSE_NUMBER');
    }
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.isWellFormed();
}

function exception(status: number, code: number, name: string): Answer {
  return {
    status,
    headers: { 'x-clickhouse-exception-code': String(code) },
    body: `Code: ${code}. DB::Exception: refused. (${name}) (version 26.9.2.1 (official build))\n`,
  };
}
