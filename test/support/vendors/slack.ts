import { isRecord, listOf, recordOf, textOf } from '../../../functions/core/contract/untrusted.ts';
import { startHttpServer, type Answer, type ReceivedRequest } from '../http-server.ts';

/** A workspace, as far as the fake needs one. */
export interface SlackWorkspace {
  /** Channels of the bot; what the others are. */
  readonly channels: Readonly<Record<string, 'member' | 'stranger' | 'archived'>>;
  /** Ids that may be mentioned, as in `<@U1>`, `<!here>`. Any other is one that nobody asked for. */
  readonly mentionable: readonly string[];
  readonly now?: () => number;
}

export interface SlackMessageSeen {
  readonly at: number;
  readonly channel: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface SlackFake {
  readonly url: string;
  readonly webhookUrl: string;
  readonly botToken: string;
  readonly mattermostUrl: string;
  readonly rocketChatUrl: string;
  readonly messages: readonly SlackMessageSeen[];
  /** Whatever was answered but a success. */
  readonly refusals: readonly string[];
  readonly requests: () => number;
  /** The next request is answered so. */
  failNext(answer: Answer): void;
  stop(): Promise<void>;
}

const BOT_TOKEN = 'xoxb-token-of-the-test';
const WEBHOOK = '/services/T0TEST/B0TEST/key-of-the-test';
const MATTERMOST = '/hooks/key-of-the-test';
const ROCKET_CHAT = '/hooks/id-of-the-test/key-of-the-test';
const WEBHOOK_CHANNEL = 'C0WEBHOOK';
/** A message a second and channel, with short bursts. */
const BURST = 5;
const MAX_BLOCKS = 50;
/** Seen at 13,297 characters of texts; at 11,341 in rich text, so what stands around them counts too. */
const MAX_CHARACTERS = 13_200;

/**
 * A strict stand-in for Slack's incoming webhook and chat.postMessage, and for the webhooks of Mattermost and Rocket.Chat, on a
 * loopback port: method, type, token, channel, the known blocks with their limits, markup that mentions or links what nobody asked for,
 * the rate; with the vendor's answers.
 */
export async function startSlack(workspace: SlackWorkspace): Promise<SlackFake> {
  const messages: SlackMessageSeen[] = [];
  const refusals: string[] = [];
  const planned: Answer[] = [];
  const now = workspace.now ?? Date.now;
  const buckets = new Map<string, { tokens: number; at: number }>();

  /** Seconds to wait; undefined if it may be sent now. */
  function waitFor(channel: string): number | undefined {
    const { tokens, at } = buckets.get(channel) ?? { tokens: BURST, at: now() };
    const filled = Math.min(BURST, tokens + (now() - at) / 1000);
    if (filled < 1) return Math.ceil(1 - filled);
    buckets.set(channel, { tokens: filled - 1, at: now() });
    return undefined;
  }

  function take(channel: string, payload: Readonly<Record<string, unknown>>): void {
    messages.push({ at: now(), channel, payload });
  }

  function webhook(request: ReceivedRequest): Answer {
    const payload = parse(request);
    if (!payload) return { status: 400, body: 'invalid_payload' };
    const problem = 'channel' in payload ? 'channel' : problemOf(payload, workspace.mentionable);
    if (problem !== undefined) return { status: 400, body: problem };
    const wait = waitFor(WEBHOOK_CHANNEL);
    if (wait !== undefined) return { status: 429, headers: { 'retry-after': String(wait) }, body: 'rate_limited' };
    take(WEBHOOK_CHANNEL, payload);
    return { headers: { 'content-type': 'text/html' }, body: 'ok' };
  }

  function postMessage(request: ReceivedRequest): Answer {
    if (request.headers['authorization'] === undefined) return json({ ok: false, error: 'not_authed' });
    if (request.headers['authorization'] !== `Bearer ${BOT_TOKEN}`) return json({ ok: false, error: 'invalid_auth' });
    const payload = parse(request);
    if (!payload) return json({ ok: false, error: 'invalid_json' });
    const channel = textOf(payload['channel']);
    const state = Object.hasOwn(workspace.channels, channel) ? workspace.channels[channel] : undefined;
    if (state === undefined) return json({ ok: false, error: 'channel_not_found' });
    if (state === 'stranger') return json({ ok: false, error: 'not_in_channel' });
    if (state === 'archived') return json({ ok: false, error: 'is_archived' });
    const problem = problemOf(payload, workspace.mentionable);
    if (problem !== undefined) return json({ ok: false, error: problem });
    const wait = waitFor(channel);
    if (wait !== undefined)
      return { ...json({ ok: false, error: 'ratelimited' }, 429), headers: { 'retry-after': String(wait) } };
    take(channel, payload);
    return json({ ok: true, channel, ts: `${now() / 1000}` });
  }

  function mattermost(request: ReceivedRequest): Answer {
    const error = (status: number, id: string) => json({ id, message: id, status_code: status }, status);
    const payload = parse(request);
    if (!payload) return error(400, 'web.incoming_webhook.parse.app_error');
    if (serverProblem(payload, 16_383, workspace.mentionable) !== undefined)
      return error(400, 'web.incoming_webhook.text.app_error');
    take('mattermost', payload);
    return { headers: { 'content-type': 'text/plain' }, body: 'ok' };
  }

  function rocketChat(request: ReceivedRequest): Answer {
    const payload = parse(request);
    const problem = payload ? serverProblem(payload, 5000, workspace.mentionable) : 'unreadable';
    if (problem !== undefined || !payload) return json({ success: false, error: problem }, 400);
    take('rocket.chat', payload);
    return json({ success: true });
  }

  const routes: Readonly<Record<string, (request: ReceivedRequest) => Answer>> = {
    [WEBHOOK]: webhook,
    '/api/chat.postMessage': postMessage,
    [MATTERMOST]: mattermost,
    [ROCKET_CHAT]: rocketChat,
  };

  function answer(request: ReceivedRequest): Answer {
    const next = planned.shift();
    if (next) return next;
    if (request.method !== 'POST') return { status: 405, body: 'method_not_allowed' };
    const route = routes[request.path];
    if (route) return route(request);
    const [, isHook] = /^\/(hooks)\//.exec(request.path) ?? [];
    return isHook
      ? json({ success: false, error: 'Invalid integration id or token provided.' }, 404)
      : { status: 404, body: 'no_service' };
  }

  const server = await startHttpServer((request) => {
    const before = messages.length;
    const reply = answer(request);
    if (messages.length === before) refusals.push(`${reply.status ?? 200} ${String(reply.body)}`);
    return reply;
  });
  return {
    url: `${server.url}/api`,
    webhookUrl: `${server.url}${WEBHOOK}`,
    botToken: BOT_TOKEN,
    mattermostUrl: `${server.url}${MATTERMOST}`,
    rocketChatUrl: `${server.url}${ROCKET_CHAT}`,
    messages,
    refusals,
    requests: () => server.requests.length,
    failNext: (reply) => void planned.push(reply),
    stop: () => server.stop(),
  };
}

function json(body: unknown, status = 200): Answer {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
}

/** Strict UTF-8 and JSON, an object, said to be JSON. */
function parse({ headers, bytes }: ReceivedRequest): Readonly<Record<string, unknown>> | undefined {
  if (!/^application\/json\b/.test(headers['content-type'] ?? '')) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return isRecord(value) && JSON.stringify(value).isWellFormed() ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The vendor's error for a message; undefined if it is one that shows what was asked for. */
function problemOf(payload: Readonly<Record<string, unknown>>, mentionable: readonly string[]): string | undefined {
  const known = ['channel', 'text', 'blocks', 'attachments', 'unfurl_links', 'unfurl_media'];
  if (Object.keys(payload).some((name) => !known.includes(name))) return 'invalid_payload';
  if (textOf(payload['text']) === '') return 'no_text';
  if (payload['unfurl_links'] !== false || payload['unfurl_media'] !== false) return 'invalid_payload';
  const attachments = listOf(payload['attachments']).map(recordOf);
  if (attachments.length > 20) return 'too_many_attachments';
  if (attachments.some(({ color, blocks }) => !/^#[0-9A-F]{6}$/.test(textOf(color)) || listOf(blocks).length === 0))
    return 'invalid_attachments';
  const blocks = [payload, ...attachments].flatMap((each) => listOf(each['blocks']));
  if (blocks.length > MAX_BLOCKS) return 'invalid_blocks';
  if (JSON.stringify(blocks).length > MAX_CHARACTERS) return 'msg_blocks_too_long';
  const texts = [payload['text'], ...attachments.map(({ fallback }) => fallback)].map(textOf);
  const isClean = texts.every((text) => isMrkdwn(text, []) && text.length <= 4000);
  return isClean && blocks.every((block) => isBlock(recordOf(block), mentionable)) ? undefined : 'invalid_blocks';
}

type Json = Readonly<Record<string, unknown>>;

function isBlock(block: Json, mentionable: readonly string[]): boolean {
  const { type, text, fields } = block;
  const elements = listOf(block['elements']).map(recordOf);
  switch (type) {
    case 'header':
      return hasOnly(block, ['text']) && isPlainText(recordOf(text), 150);
    case 'section':
      if ('fields' in block) {
        const each = listOf(fields).map(recordOf);
        const isEach = each.every((field) => isText(field, 2000, []));
        return hasOnly(block, ['fields']) && each.length > 0 && each.length <= 10 && isEach;
      }
      return hasOnly(block, ['text']) && isText(recordOf(text), 3000, mentionable);
    case 'context':
      return (
        hasOnly(block, ['elements']) &&
        elements.length > 0 &&
        elements.length <= 10 &&
        elements.every((element) => isText(element, 3000, []))
      );
    case 'rich_text':
      return hasOnly(block, ['elements']) && elements.length > 0 && elements.every(isRich);
    default:
      return false;
  }
}

/** Texts in rich text are never read for markup: a mention has an element of its own, and none is expected here. */
function isRich(element: Json): boolean {
  const parts = listOf(element['elements']).map(recordOf);
  const kinds = ['rich_text_section', 'rich_text_quote', 'rich_text_preformatted'];
  const isPart = (part: Json): boolean => {
    if (textOf(part['text']) === '') return false;
    if (part['type'] === 'text') return hasOnly(part, ['text', 'style']);
    return (
      part['type'] === 'link' && element['type'] === kinds[0] && /^https?:\/\/\S{1,3000}$/.test(textOf(part['url']))
    );
  };
  return (
    kinds.includes(textOf(element['type'])) && hasOnly(element, ['elements']) && parts.length > 0 && parts.every(isPart)
  );
}

function isText(text: Json, max: number, mentionable: readonly string[]): boolean {
  if (text['type'] === 'plain_text') return isPlainText(text, max);
  const value = textOf(text['text']);
  return (
    text['type'] === 'mrkdwn' &&
    text['verbatim'] === true &&
    hasOnly(text, ['text', 'verbatim']) &&
    value !== '' &&
    value.length <= max &&
    isMrkdwn(value, mentionable)
  );
}

function isPlainText(text: Json, max: number): boolean {
  const value = textOf(text['text']);
  const isOurs = text['type'] === 'plain_text' && text['emoji'] === false && hasOnly(text, ['text', 'emoji']);
  return isOurs && value !== '' && value.length <= max;
}

/** Whether every control sequence mentions who may be mentioned, and every ampersand begins an entity. */
function isMrkdwn(text: string, mentionable: readonly string[]): boolean {
  const sequences = [...text.matchAll(/<([^>]*)>?/g)].map(([, inside = '']) =>
    inside.replace(/^(?:@|!subteam\^|!)/, ''),
  );
  const isEntity = !/&(?!(?:amp|lt|gt);)/.test(text) && !/^[^<]*>/.test(text);
  return isEntity && sequences.every((id) => mentionable.includes(id));
}

function hasOnly(value: Json, names: readonly string[]): boolean {
  return Object.keys(value).every((name) => name === 'type' || names.includes(name));
}

/** What Mattermost and Rocket.Chat have in common: no blocks, bounded texts, mentions as words. */
function serverProblem(payload: Json, max: number, mentionable: readonly string[]): string | undefined {
  if ('blocks' in payload) return 'blocks are not known';
  const attachments = listOf(payload['attachments']).map(recordOf);
  if (attachments.length !== 1) return 'an attachment is missing';
  const texts = attachments.flatMap(({ fallback, title, text, fields }) => [
    ...[fallback, title, text].map(textOf),
    ...listOf(fields).flatMap((field) => [recordOf(field)['title'], recordOf(field)['value']].map(textOf)),
  ]);
  if (texts.join('').length > max) return 'too long';
  const mentioned = textOf(payload['text']).split(' ').filter(Boolean);
  if (mentioned.some((name) => !mentionable.includes(name.slice(1)))) return 'a mention that nobody asked for';
  return texts.some((text) => /@(?!sha\d{3}:)[\w.-]|<[!@#]|!\[/.test(text.replaceAll(/`[^`]*`/g, '')))
    ? 'a mention or an image'
    : undefined;
}
