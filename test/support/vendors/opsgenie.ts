import { randomUUID } from 'node:crypto';
import { isRecord, listOf, recordOf, textOf } from '../../../functions/core/contract/untrusted.ts';
import { startHttpServer, type Answer, type ReceivedRequest } from '../http-server.ts';

export interface OpsgenieAlert {
  readonly alias: string;
  status: 'open' | 'closed';
  /** As it was created: what comes after raises the count and changes no text. */
  readonly first: Readonly<Record<string, unknown>>;
  count: number;
  notes: string[];
}

export interface OpsgenieFake {
  readonly url: string;
  /** In the order in which they were opened: each tells people once. */
  readonly alerts: readonly OpsgenieAlert[];
  /** Everything that was answered, in order. */
  readonly replies: readonly Answer[];
  stop(): Promise<void>;
}

export interface OpsgenieSetup {
  readonly apiKey: string;
  /** @default 60 */
  readonly perMinute?: number;
  readonly now?: () => number;
  /** Answers everything with this. */
  readonly failing?: Answer;
}

/**
 * A strict stand-in for the alert API of Opsgenie and Jira Service Management on a loopback port: key, fields, lengths, alerts by
 * alias. https://docs.opsgenie.com/docs/alert-api; the limits of details, entity, source and note are what others found.
 */
export async function startOpsgenie(setup: OpsgenieSetup): Promise<OpsgenieFake> {
  const { apiKey, perMinute = 60, now = Date.now } = setup;
  const alerts: OpsgenieAlert[] = [];
  const times: number[] = [];
  const replies: Answer[] = [];

  function answer(request: ReceivedRequest): Answer {
    const url = new URL(request.path, 'http://opsgenie');
    const [, alias, action] = /^\/v2\/alerts(?:\/([^/]+)\/(\w+))?$/.exec(url.pathname) ?? [undefined];
    if (!url.pathname.startsWith('/v2/alerts') || (action !== undefined && action !== 'close'))
      return refused(404, 'Requested resource is not available');
    if (request.method !== 'POST') return refused(405, 'Method is not allowed');
    if (setup.failing) return setup.failing;
    if (request.headers['authorization'] !== `GenieKey ${apiKey}`) return refused(401, 'Could not authenticate');
    if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) return refused(415, 'Unsupported');
    times.push(now());
    if (times.filter((at) => at > now() - 60_000).length > perMinute) return throttled;
    const body = parse(request.bytes);
    if (!body) return refused(400, 'Could not parse request body');
    return alias === undefined
      ? create(body)
      : close(decodeURIComponent(alias), body, url.searchParams.get('identifierType'));
  }

  function create(body: Readonly<Record<string, unknown>>): Answer {
    const errors = errorsIn(body);
    if (errors.length > 0) return refused(422, 'Request body is not processable. Please check the errors.', errors);
    const alias = textOf(body['alias']);
    const open = openAlert(alias);
    if (open) open.count += 1;
    else alerts.push({ alias, status: 'open', first: body, count: 1, notes: [] });
    return accepted();
  }

  function close(alias: string, body: Readonly<Record<string, unknown>>, identifierType: string | null): Answer {
    const open = identifierType === 'alias' ? openAlert(alias) : undefined;
    if (textOf(body['note']).length > 25_000) return refused(422, 'note is too long');
    if (!open) return refused(404, 'Alert does not exist');
    open.status = 'closed';
    open.notes.push(textOf(body['note']));
    return accepted();
  }

  function openAlert(alias: string): OpsgenieAlert | undefined {
    return alerts.find((alert) => alert.alias === alias && alert.status === 'open');
  }

  const server = await startHttpServer((request) => {
    const reply = answer(request);
    replies.push(reply);
    return reply;
  });
  return { url: server.url, alerts, replies, stop: () => server.stop() };
}

const throttled: Answer = {
  status: 429,
  headers: { 'X-RateLimit-State': 'THROTTLED', 'X-RateLimit-Reason': 'ACCOUNT', 'X-RateLimit-Period-In-Sec': '60' },
  body: JSON.stringify({ message: 'You are making too many requests!' }),
};

function accepted(): Answer {
  return json(202, { result: 'Request will be processed', took: 0.1, requestId: randomUUID() });
}

function refused(status: number, message: string, errors: readonly string[] = []): Answer {
  return json(status, { message, ...(errors.length > 0 && { errors }), took: 0, requestId: randomUUID() });
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

const LENGTHS = { message: 130, alias: 512, description: 15_000, entity: 512, source: 100, user: 100, note: 25_000 };
const OTHERS = ['priority', 'tags', 'details', 'responders', 'visibleTo', 'actions'];

function errorsIn(body: Readonly<Record<string, unknown>>): readonly string[] {
  const { message, priority = 'P3', tags = [], details = {}, responders = [] } = body;
  return [
    ...(textOf(message).trim() === '' ? ['message can not be empty'] : []),
    ...Object.entries(LENGTHS).flatMap(([name, max]) => {
      const value = body[name];
      if (value !== undefined && typeof value !== 'string') return [`${name} is no text`];
      return textOf(value).length > max ? [`${name} is longer than ${max}`] : [];
    }),
    ...Object.keys(body).flatMap((name) => (name in LENGTHS || OTHERS.includes(name) ? [] : [`${name} is unknown`])),
    ...(['P1', 'P2', 'P3', 'P4', 'P5'].includes(textOf(priority)) ? [] : ['priority is invalid']),
    ...(listOf(tags).length <= 20 && listOf(tags).every((tag) => textOf(tag) !== '' && textOf(tag).length <= 50)
      ? []
      : ['tags are invalid']),
    ...(isRecord(details) && Object.values(recordOf(details)).every((each) => typeof each === 'string')
      ? []
      : ['details are no map of texts']),
    ...(Object.entries(recordOf(details)).flat().join('').length <= 8000 ? [] : ['details are longer than 8000']),
    ...(listOf(responders).every(isResponder) ? [] : ['responders are invalid']),
  ];
}

function isResponder(value: unknown): boolean {
  const { type, id, name, username } = recordOf(value);
  return ['team', 'user', 'escalation', 'schedule'].includes(textOf(type)) && [id, name, username].some(Boolean);
}
