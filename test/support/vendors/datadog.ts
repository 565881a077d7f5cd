import { gunzipSync } from 'node:zlib';
import { isRecord, listOf, recordOf, textOf } from '../../../functions/core/contract/untrusted.ts';
import { startHttpServer, type ReceivedRequest } from '../http-server.ts';

export interface DatadogFake {
  readonly url: string;
  readonly logs: readonly Readonly<Record<string, unknown>>[];
  readonly events: readonly Readonly<Record<string, unknown>>[];
  readonly requests: () => number;
  readonly stop: () => Promise<void>;
}

const MAX_BODY_BYTES = 5_000_000;
/** What is longer is cut there without a word; here it is refused, so that a test can tell. */
const MAX_LOG_BYTES = 1_000_000;
/** A log of longer ago is dropped there without a word, and here. */
const MAX_AGE_MS = 18 * 3_600_000;
const TAG = /^[a-z][a-z0-9_:./-]{0,199}$/;
const STATUSES = new Set(['error', 'warn', 'info']);

/**
 * A strict stand-in for Datadog's log intake (v2) and its events (v1): key, gzip, sizes, the reserved attributes, tags and age.
 * Source: Datadog API reference, "Send logs" and "Post an event", and "Log collection" (reserved attributes).
 */
export async function startDatadog(setup: {
  readonly apiKey: string;
  readonly now?: () => number;
}): Promise<DatadogFake> {
  const { apiKey, now = Date.now } = setup;
  const logs: Readonly<Record<string, unknown>>[] = [];
  const events: Readonly<Record<string, unknown>>[] = [];
  let requests = 0;

  function statusOf(request: ReceivedRequest): number {
    requests += 1;
    const isEvent = request.path === '/api/v1/events';
    if (request.method !== 'POST' || (!isEvent && request.path !== '/api/v2/logs')) return 404;
    if (request.headers['dd-api-key'] !== apiKey) return 403;
    if (request.headers['content-type'] !== 'application/json') return 400;
    const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(request.bytes) : request.bytes;
    if (bytes.length > MAX_BODY_BYTES) return 413;
    const items: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (isEvent) {
      if (!isEventAcceptable(recordOf(items), now())) return 400;
      events.push(recordOf(items));
      return 202;
    }
    const list = listOf(items).map(recordOf);
    if (list.length === 0 || list.length > 1000) return 400;
    if (!list.every(isAcceptable)) return 400;
    const timeOf = (log: Readonly<Record<string, unknown>>) => Number(log['timestamp'] ?? now());
    logs.push(...list.filter((log) => now() - timeOf(log) <= MAX_AGE_MS));
    return 202;
  }

  const server = await startHttpServer((request) => {
    const status = statusOf(request);
    return { status, body: status === 202 ? '{}' : JSON.stringify({ errors: [{ status: String(status) }] }) };
  });
  return { url: server.url, logs, events, requests: () => requests, stop: () => server.stop() };
}

function isAcceptable(log: Readonly<Record<string, unknown>>): boolean {
  return (
    Buffer.byteLength(JSON.stringify(log)) <= MAX_LOG_BYTES &&
    typeof log['message'] === 'string' &&
    STATUSES.has(textOf(log['status'])) &&
    (log['timestamp'] === undefined || Number.isInteger(log['timestamp'])) &&
    isRecord(log['k8s_event']) &&
    textOf(log['ddtags'])
      .split(',')
      .every((tag) => TAG.test(tag))
  );
}

const EVENT_FIELDS = new Set([
  'title',
  'text',
  'tags',
  'alert_type',
  'aggregation_key',
  'source_type_name',
  'host',
  'date_happened',
]);

/** A mention and Markdown would be taken; here they are refused, so that a test can tell. */
function isEventAcceptable(event: Readonly<Record<string, unknown>>, now: number): boolean {
  const { title, text, tags, aggregation_key: key, alert_type: alert, date_happened: happened } = event;
  return (
    Object.keys(event).every((name) => EVENT_FIELDS.has(name)) &&
    hasLength(title, 100) &&
    hasLength(text, 4000) &&
    hasLength(key, 100) &&
    ['error', 'warning', 'info'].includes(textOf(alert)) &&
    listOf(tags).every((tag) => TAG.test(textOf(tag))) &&
    (happened === undefined || (Number.isInteger(happened) && now - Number(happened) * 1000 <= MAX_AGE_MS)) &&
    ![title, text].some((shown) => /@[^\s\u200B]|%%%/.test(textOf(shown)))
  );
}

function hasLength(value: unknown, max: number): boolean {
  return typeof value === 'string' && value !== '' && value.length <= max;
}
