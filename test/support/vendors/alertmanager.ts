import { isRecord, textOf } from '../../../functions/core/contract/untrusted.ts';
import { startHttpServer, type Answer, type ReceivedRequest } from '../http-server.ts';

export interface FakeAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: number;
  readonly endsAt: number;
}

export interface AlertmanagerFake {
  readonly url: string;
  /** Those that fire. */
  alerts(): readonly FakeAlert[];
  /** Everything that was answered, in order. */
  readonly replies: readonly Answer[];
  stop(): Promise<void>;
}

export interface AlertmanagerSetup {
  readonly now?: () => number;
  /** The header that a proxy in front of it wants. */
  readonly authorization?: string;
  /** Answers everything with this. */
  readonly failing?: Answer;
}

const RESOLVE_TIMEOUT_MS = 300_000;

/**
 * A strict stand-in for Alertmanager's API on a loopback port, as version 0.35 was seen to answer: type, texts as the only values, times,
 * names of labels as older versions want them, alerts by label set. The real one is `services/alertmanager.ts`.
 */
export async function startAlertmanagerFake(setup: AlertmanagerSetup = {}): Promise<AlertmanagerFake> {
  const { now = Date.now, authorization, failing } = setup;
  const stored = new Map<string, FakeAlert>();
  const replies: Answer[] = [];

  function answer(request: ReceivedRequest): Answer {
    if (request.path.startsWith('/api/v1/')) return { status: 410 };
    if (request.path !== '/api/v2/alerts') return { status: 404, body: '404 page not found' };
    if (failing) return failing;
    if (authorization !== undefined && request.headers['authorization'] !== authorization) return { status: 401 };
    if (request.method !== 'POST') return { status: 405 };
    if (!/^application\/json\b/.test(request.headers['content-type'] ?? ''))
      return refused(415, 'unsupported media type');
    const alerts = parse(request.bytes);
    if (!alerts) return refused(400, 'parsing alerts body failed');
    const schema = alerts.find((alert) => !isRecord(alert['labels']) || !isUri(alert['generatorURL']));
    if (schema) return refused(422, 'validation failure');
    const invalid = alerts.flatMap(mistakeIn);
    for (const alert of alerts) if (mistakeIn(alert).length === 0) store(alert);
    return invalid.length > 0 ? refused(400, invalid.join('; ')) : { status: 200 };
  }

  function store(alert: Readonly<Record<string, unknown>>): void {
    const labels = texts(alert['labels']);
    const ends = Date.parse(textOf(alert['endsAt']));
    const endsAt = Number.isNaN(ends) ? now() + RESOLVE_TIMEOUT_MS : ends;
    const starts = Date.parse(textOf(alert['startsAt']));
    const startsAt = Number.isNaN(starts) ? Math.min(endsAt, now()) : starts;
    const key = JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const old = stored.get(key);
    // What overlaps is one alert: it began with the first, and one that goes on ends with the last of them.
    const overlaps = old && startsAt <= old.endsAt && endsAt >= old.startsAt;
    const goesOn = endsAt > now();
    stored.set(key, {
      labels,
      annotations: texts(alert['annotations']),
      startsAt: overlaps ? Math.min(startsAt, old.startsAt) : startsAt,
      endsAt: overlaps && goesOn ? Math.max(endsAt, old.endsAt) : endsAt,
    });
  }

  const server = await startHttpServer((request) => {
    const reply = answer(request);
    replies.push(reply);
    return reply;
  });
  return {
    url: server.url,
    alerts: () => [...stored.values()].filter(({ endsAt }) => endsAt > now()),
    replies,
    stop: () => server.stop(),
  };
}

function refused(code: number, message: string): Answer {
  return { status: code, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ code, message }) };
}

/** Strict UTF-8 and JSON without halves of surrogate pairs, a list of objects. */
function parse(bytes: Buffer): readonly Readonly<Record<string, unknown>>[] | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    if (/(?<!\\)(\\\\)*\\ud[89a-f]/i.test(text)) return undefined;
    return Array.isArray(value) && value.every(isRecord) && value.every(hasTextsAlone) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Go's decoder fails the whole list for one value that is no text. */
function hasTextsAlone(alert: Readonly<Record<string, unknown>>): boolean {
  return Object.values(alert)
    .flatMap((value) => (isRecord(value) ? Object.values(value) : [value]))
    .every((value) => typeof value === 'string');
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function mistakeIn(alert: Readonly<Record<string, unknown>>): readonly string[] {
  const { startsAt, endsAt } = alert;
  const names = [...Object.keys(texts(alert['labels'])), ...Object.keys(texts(alert['annotations']))];
  return [
    ...(Object.values(texts(alert['labels'])).some(Boolean) ? [] : ['at least one label pair required']),
    ...(names.every((name) => /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) ? [] : ['invalid name']),
    ...([startsAt, endsAt].every((time) => time === undefined || TIME.test(textOf(time))) ? [] : ['invalid time']),
    ...(startsAt !== undefined && Date.parse(textOf(endsAt)) < Date.parse(textOf(startsAt))
      ? ['start time must be before end time']
      : []),
  ];
}

function texts(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(isRecord(value) ? value : {}).map(([name, each]) => [name, textOf(each)]));
}

function isUri(value: unknown): boolean {
  return value === undefined || value === '' || URL.canParse(textOf(value));
}
