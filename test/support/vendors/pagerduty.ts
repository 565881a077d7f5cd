import { isRecord, recordOf, textOf } from '../../../functions/core/contract/untrusted.ts';
import { startHttpServer, type Answer, type ReceivedRequest } from '../http-server.ts';

export interface PagerDutyAlert {
  readonly key: string;
  status: 'triggered' | 'resolved';
  /** The first trigger as it came: later ones change neither summary nor details. */
  readonly first: Readonly<Record<string, unknown>>;
  /** How many triggers it holds. */
  count: number;
}

export interface PagerDutyFake {
  readonly url: string;
  /** In the order in which they were opened: each pages once. */
  readonly alerts: readonly PagerDutyAlert[];
  /** Events that were accepted and dropped: nothing was open for them. */
  readonly dropped: readonly unknown[];
  /** The time of every request, in milliseconds. */
  readonly times: readonly number[];
  /** Everything that was answered, in order. */
  readonly replies: readonly Answer[];
  stop(): Promise<void>;
}

export interface PagerDutySetup {
  readonly routingKey: string;
  /** Of any minute. @default 120 */
  readonly perMinute?: number;
  readonly now?: () => number;
  /** Answers everything with this. */
  readonly failing?: Answer;
}

const MAX_BYTES = 512 * 1024;

/**
 * A strict stand-in for PagerDuty's Events API v2 on a loopback port: address, type, key, required fields, lengths, size and rate as
 * documented, alerts by key. https://developer.pagerduty.com/docs/events-api-v2/overview/
 * What it says of a key of the right form that it does not know is not documented; this is an assumption.
 */
export async function startPagerDuty(setup: PagerDutySetup): Promise<PagerDutyFake> {
  const { routingKey, perMinute = 120, now = Date.now } = setup;
  const alerts: PagerDutyAlert[] = [];
  const dropped: unknown[] = [];
  const times: number[] = [];
  const replies: Answer[] = [];

  function answer(request: ReceivedRequest): Answer {
    if (request.path !== '/v2/enqueue') return { status: 404, body: '' };
    if (request.method !== 'POST') return { status: 405, body: '' };
    if (setup.failing) return setup.failing;
    if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) return { status: 415, body: '' };
    if (request.bytes.length > MAX_BYTES) return { status: 413, body: '' };
    const event = parse(request.bytes);
    const errors = event ? errorsIn(event) : ['the body is not JSON'];
    if (!event || errors.length > 0) return invalid(errors);
    if (event['routing_key'] !== routingKey) return invalid(["'routing_key' is unknown"]);
    times.push(now());
    if (times.filter((at) => at > now() - 60_000).length > perMinute) return { status: 429, body: '' };
    const key = textOf(event['dedup_key']);
    const open = alerts.find((alert) => alert.key === key && alert.status === 'triggered');
    if (event['event_action'] === 'trigger') {
      if (open) open.count += 1;
      else alerts.push({ key, status: 'triggered', first: event, count: 1 });
    } else if (!open) dropped.push(event);
    else if (event['event_action'] === 'resolve') open.status = 'resolved';
    return json(202, { status: 'success', message: 'Event processed', dedup_key: key });
  }

  const server = await startHttpServer((request) => {
    const reply = answer(request);
    replies.push(reply);
    return reply;
  });
  return { url: server.url, alerts, dropped, times, replies, stop: () => server.stop() };
}

function invalid(errors: readonly string[]): Answer {
  return json(400, { status: 'invalid event', message: 'Event object is invalid', errors });
}

function json(status: number, body: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** Strict UTF-8 and JSON without halves of surrogate pairs, an object. */
function parse(bytes: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return isRecord(value) && !/(?<!\\)(\\\\)*\\ud[89a-f]/i.test(text) ? value : undefined;
  } catch {
    return undefined;
  }
}

const FIELDS = ['routing_key', 'event_action', 'dedup_key', 'payload', 'client', 'client_url', 'links', 'images'];
const PAYLOAD = ['summary', 'source', 'severity', 'timestamp', 'component', 'group', 'class', 'custom_details'];

function errorsIn(event: Readonly<Record<string, unknown>>): readonly string[] {
  const { routing_key: routing, event_action: action, dedup_key: key, payload, links = [] } = event;
  const isTrigger = action === 'trigger';
  return [
    ...(textOf(routing).length === 32 ? [] : ["Length of 'routing_key' is incorrect (should be 32 characters)"]),
    ...(/^[A-Za-z0-9]*$/.test(textOf(routing)) ? [] : ["'routing_key' cannot contain non-alphanumeric characters."]),
    ...(['trigger', 'acknowledge', 'resolve'].includes(textOf(action)) ? [] : ["'event_action' is invalid"]),
    ...(isTrigger || textOf(key) !== '' ? [] : ["'dedup_key' is missing or blank"]),
    ...(textOf(key).length <= 255 ? [] : ["'dedup_key' is too long (should be at most 255 characters)"]),
    ...Object.keys(event).flatMap((name) => (FIELDS.includes(name) ? [] : [`'${name}' is unknown`])),
    ...(isTrigger || payload !== undefined ? errorsInPayload(payload) : []),
    ...(Array.isArray(links) && links.every(isLink) ? [] : ["'links' is invalid"]),
  ];
}

function errorsInPayload(value: unknown): readonly string[] {
  if (!isRecord(value)) return ["'payload' is missing or blank"];
  const { summary, severity, timestamp, custom_details: details = {} } = value;
  const blank = ['summary', 'source', 'severity'].filter((name) => textOf(value[name]).trim() === '');
  return [
    ...blank.map((name) => `'payload.${name}' is missing or blank`),
    ...(textOf(summary).length <= 1024 ? [] : ["'payload.summary' is too long (should be at most 1024 characters)"]),
    ...(['critical', 'error', 'warning', 'info'].includes(textOf(severity)) ? [] : ["'payload.severity' is invalid"]),
    ...(timestamp === undefined || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/.test(textOf(timestamp))
      ? []
      : ["'payload.timestamp' is invalid"]),
    ...['component', 'group', 'class'].flatMap((name) =>
      value[name] === undefined || typeof value[name] === 'string' ? [] : [`'payload.${name}' is no text`],
    ),
    ...(isRecord(details) && Object.values(recordOf(details)).every((each) => typeof each === 'string')
      ? []
      : ["'payload.custom_details' is invalid"]),
    ...Object.keys(value).flatMap((name) => (PAYLOAD.includes(name) ? [] : [`'payload.${name}' is unknown`])),
  ];
}

function isLink(value: unknown): boolean {
  return isRecord(value) && URL.canParse(textOf(value['href'])) && typeof value['text'] === 'string';
}
