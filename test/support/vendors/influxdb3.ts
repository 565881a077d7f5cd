import { createHash } from 'node:crypto';
import { startHttpServer, type Answer, type HttpServer, type ReceivedRequest } from '../http-server.ts';
import { parseLines, type ParsedLine } from '../line-protocol.ts';

export interface InfluxDb3 {
  readonly url: string;
  /** Points by series and time: a later one replaces an earlier one. */
  readonly points: ReadonlyMap<string, ParsedLine>;
  stop(): Promise<void>;
}

export interface InfluxDb3Options {
  readonly token: string;
  readonly database: string;
  /** @default 10 MiB, as the server's */
  readonly maxBodyBytes?: number;
  /** Fields that exist as another type already, so that a point with one is refused. */
  readonly conflicts?: readonly string[];
}

/** InfluxDB 3's `/api/v3/write_lp`: strict about token, precision, size and table schema, with its own error bodies. */
export async function startInfluxDb3(options: InfluxDb3Options): Promise<InfluxDb3> {
  const { token, database, maxBodyBytes = 10 * 1024 * 1024, conflicts = [] } = options;
  const points = new Map<string, ParsedLine>();
  const server: HttpServer = await startHttpServer(answer);
  return { url: server.url, points, stop: () => server.stop() };

  function answer(request: ReceivedRequest): Answer {
    const url = new URL(request.path, server.url);
    if (request.method !== 'POST' || url.pathname !== '/api/v3/write_lp') return json(404, { error: 'not found' });
    if (request.headers['authorization'] !== `Bearer ${token}`)
      return json(401, { error: 'the request was not authenticated' });
    if (url.searchParams.get('db') !== database)
      return json(404, { error: `database not found: ${url.searchParams.get('db')}` });
    if (url.searchParams.get('precision') !== 'nanosecond')
      return json(400, { error: 'this server takes nanoseconds, said as precision=nanosecond' });
    if (Buffer.byteLength(request.body) > maxBodyBytes) return json(413, { error: 'the request was too large' });
    return write(request.body);
  }

  function write(body: string): Answer {
    const refused: { original_line: string; line_number: number; error_message: string }[] = [];
    for (const [index, line] of parseLines(body).entries()) {
      const message = problem(line);
      if (message === undefined) points.set(identity(line), line);
      else refused.push({ original_line: line.measurement, line_number: index + 1, error_message: message });
    }
    if (refused.length === 0) return { status: 204 };
    return json(400, { error: 'partial write of line protocol occurred', data: refused.slice(0, 100) });
  }

  function problem({ tags, fields }: ParsedLine): string | undefined {
    const both = Object.keys(tags).find((name) => name in fields);
    if (both !== undefined) return `invalid line protocol - '${both}' is both tag and field`;
    const conflict = Object.entries(fields).find(([, value]) => conflicts.includes(String(value)));
    if (conflict === undefined) return undefined;
    return `invalid column type for column '${conflict[0]}', expected iox::column_type::field::float, got iox::column_type::field::string`;
  }
}

function identity({ measurement, tags, timestamp }: ParsedLine): string {
  return createHash('sha256')
    .update(JSON.stringify([measurement, tags, String(timestamp)]))
    .digest('hex');
}

function json(status: number, body: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
