import { gunzipSync } from 'node:zlib';
import { startHttpServer, type Answer, type ReceivedRequest } from '../http-server.ts';

export interface HoneycombEvent {
  readonly dataset: string;
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Honeycomb {
  readonly url: string;
  readonly events: readonly HoneycombEvent[];
  readonly batches: readonly number[];
  stop(): Promise<void>;
}

export interface HoneycombOptions {
  readonly apiKey: string;
  /** How many events are taken before the rest is over the rate limit. */
  readonly capacity?: number;
}

const MAX_BODY_BYTES = 5_000_000;
const MAX_EVENT_BYTES = 1_000_000;
const MAX_TEXT_BYTES = 65_536;
const MAX_COLUMNS = 2000;

/** Honeycomb's batch API with its limits and error bodies, as https://docs.honeycomb.io/api/events/create-events has them. */
export async function startHoneycomb(options: HoneycombOptions): Promise<Honeycomb> {
  const { apiKey, capacity = Infinity } = options;
  const events: HoneycombEvent[] = [];
  const batches: number[] = [];
  const server = await startHttpServer(answer);
  return { url: server.url, events, batches, stop: () => server.stop() };

  function answer(request: ReceivedRequest): Answer {
    const dataset = /^\/1\/batch\/([^/?]+)$/.exec(request.path)?.[1];
    if (request.method !== 'POST' || dataset === undefined) return json(404, { error: 'not found' });
    if (request.headers['x-honeycomb-team'] !== apiKey)
      return json(401, { error: 'unknown API key - check your credentials' });
    if (request.headers['content-type'] !== 'application/json') return json(400, { error: 'unsupported content type' });
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(request.bytes) : request.bytes;
    if (body.length > MAX_BODY_BYTES) return json(413, { error: 'Request body is too large' });
    const items: unknown = JSON.parse(body.toString());
    if (!Array.isArray(items) || items.length === 0)
      return json(400, { error: 'Request body is malformed and cannot be read.' });
    batches.push(items.length);
    return json(
      200,
      items.map((item) => take(decodeURIComponent(dataset), item)),
    );
  }

  function take(dataset: string, item: unknown): { status: number; error?: string } {
    const { time, data, ...others } = Object(item);
    if (Object.keys(others).some((name) => name !== 'samplerate')) return { status: 400, error: 'unknown field' };
    if (typeof data !== 'object' || data === null) return { status: 400, error: 'Request body should not be empty.' };
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(String(time))) return { status: 400, error: 'invalid time' };
    if (Object.keys(data).length > MAX_COLUMNS) return { status: 400, error: 'Event has too many columns.' };
    if (Buffer.byteLength(JSON.stringify(item)) > MAX_EVENT_BYTES) return { status: 400, error: 'Event is too large.' };
    if (Object.values(data).some((value) => typeof value === 'string' && Buffer.byteLength(value) > MAX_TEXT_BYTES))
      return { status: 400, error: 'String field is too long.' };
    if (events.length >= capacity) return { status: 429, error: 'event dropped due to rate limiting' };
    events.push({ dataset, time: String(time), data });
    return { status: 202 };
  }
}

function json(status: number, body: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
