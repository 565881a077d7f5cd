import { isRecord, listOf, recordOf, textOf } from '../../../functions/core/contract/untrusted.ts';
import { startHttpServer, type ReceivedRequest } from '../http-server.ts';

/** A bot and the chats that it is a member of. */
export interface TelegramBot {
  readonly token: string;
  readonly chatId: string;
  /** Topics of the chat. */
  readonly topics?: readonly number[];
  readonly isKicked?: boolean;
  /** The number of the supergroup that the group has become. */
  readonly movedTo?: number;
  readonly now?: () => number;
}

export interface TelegramFake {
  readonly url: string;
  /** What people see, parsed. */
  readonly messages: readonly ShownMessage[];
  readonly requests: () => number;
  readonly stop: () => Promise<void>;
}

interface ShownMessage {
  readonly text: string;
  /** What clients make links, mentions or commands of, outside of code. */
  readonly found: readonly string[];
  /** Targets of links and buttons. */
  readonly targets: readonly string[];
  readonly isQuiet: boolean;
}

interface Refusal {
  readonly code: number;
  readonly description: string;
  readonly parameters?: object;
}

const MAX_UNITS = 4096;
const PER_MINUTE = 20;
const TAGS = new Set(['b', 'strong', 'i', 'em', 'u', 's', 'code', 'pre', 'a', 'blockquote']);
/** What may not hold or be held by another but bold, italic, underlined and struck text; code holds none. */
const CODE = new Set(['code', 'pre']);

/**
 * A strict stand-in for the Bot API's sendMessage: token in the path, membership, topics, the HTML subset with its errors, length
 * after parsing, rate of a group. Source: the Bot API's documentation ("HTML style", "sendMessage", bots FAQ).
 */
export async function startTelegram(bot: TelegramBot): Promise<TelegramFake> {
  const { now = Date.now } = bot;
  const messages: ShownMessage[] = [];
  let sends: number[] = [];
  let requests = 0;

  function take(request: ReceivedRequest): Refusal | undefined {
    requests += 1;
    const [, token = '', method] = /^\/bot([^/]*)\/(\w+)$/.exec(request.path) ?? [];
    if (!/^\d+:[\w-]+$/.test(token) || method !== 'sendMessage') return { code: 404, description: 'Not Found' };
    if (token !== bot.token) return { code: 401, description: 'Unauthorized' };
    const body: unknown = JSON.parse(request.body);
    if (!isRecord(body) || request.headers['content-type'] !== 'application/json')
      return { code: 400, description: 'Bad Request: message text is empty' };
    if (bot.movedTo !== undefined)
      return {
        code: 400,
        description: 'Bad Request: group chat was upgraded to a supergroup chat',
        parameters: { migrate_to_chat_id: bot.movedTo },
      };
    if (body['chat_id'] !== bot.chatId) return { code: 400, description: 'Bad Request: chat not found' };
    if (bot.isKicked) return { code: 403, description: 'Forbidden: bot was kicked from the supergroup chat' };
    const topic = body['message_thread_id'];
    if (topic !== undefined && !bot.topics?.some((known) => known === topic))
      return { code: 400, description: 'Bad Request: message thread not found' };
    sends = sends.filter((at) => at > now() - 60_000);
    const [first = 0] = sends;
    if (sends.length >= PER_MINUTE) {
      const seconds = Math.ceil((first + 60_000 - now()) / 1000);
      return {
        code: 429,
        description: `Too Many Requests: retry after ${seconds}`,
        parameters: { retry_after: seconds },
      };
    }
    const parsed = parseHtml(textOf(body['text']));
    if (typeof parsed === 'string') return { code: 400, description: `Bad Request: ${parsed}` };
    const buttons = listOf(recordOf(body['reply_markup'])['inline_keyboard']).flatMap(listOf).map(recordOf);
    if (buttons.some((button) => textOf(button['text']) === '' || !isButtonUrl(textOf(button['url']))))
      return { code: 400, description: 'Bad Request: inline keyboard button URL is invalid' };
    if (recordOf(body['link_preview_options'])['is_disabled'] !== true) parsed.found.push('a preview');
    sends.push(now());
    messages.push({
      text: parsed.text,
      found: parsed.found,
      targets: [...parsed.targets, ...buttons.map((button) => textOf(button['url']))],
      isQuiet: body['disable_notification'] === true,
    });
    return undefined;
  }

  const server = await startHttpServer((request) => {
    const refusal = take(request);
    if (!refusal) return { body: JSON.stringify({ ok: true, result: { message_id: messages.length } }) };
    const { code, description, parameters } = refusal;
    return {
      status: code,
      body: JSON.stringify({ ok: false, error_code: code, description, ...(parameters && { parameters }) }),
    };
  });
  return { url: server.url, messages, requests: () => requests, stop: () => server.stop() };
}

/** A host has a dot (TDLib's LinkManager: "Wrong HTTP URL"). */
function isButtonUrl(url: string): boolean {
  return URL.canParse(url) && new URL(url).hostname.includes('.');
}

interface Parsed {
  text: string;
  readonly found: string[];
  readonly targets: string[];
}

/** Parses the HTML of the Bot API. A text is an error, in the vendor's words. */
function parseHtml(html: string): Parsed | string {
  const parsed: Parsed = { text: '', found: [], targets: [] };
  const open: string[] = [];
  if (!html.isWellFormed()) return 'strings must be encoded in UTF-8';
  for (const [piece] of html.matchAll(/<[^>]*>?|[^<]+/g)) {
    if (!piece.startsWith('<')) {
      const text = decoded(piece);
      parsed.text += text;
      if (!open.some((tag) => CODE.has(tag) || tag === 'a')) parsed.found.push(...linksIn(text));
      continue;
    }
    const [, slash, tag = '', attributes = ''] = /^<(\/?)([a-z]+)([^<>]*)>$/.exec(piece) ?? [];
    if (!TAGS.has(tag)) return `can't parse entities: Unsupported start tag "${tag}"`;
    if (slash === '/') {
      if (open.pop() !== tag) return "can't parse entities: Unexpected end tag";
      continue;
    }
    if (open.some((outer) => CODE.has(outer)) || (tag === 'blockquote' && open.includes('blockquote')))
      return "can't parse entities: nested";
    const [, target] = /^ href="([^"]*)"$/.exec(attributes) ?? [];
    if (tag === 'a' ? target === undefined : attributes !== '') return "can't parse entities: attribute";
    if (target !== undefined) parsed.targets.push(decoded(target));
    open.push(tag);
  }
  if (open.length > 0) return `can't parse entities: Can't find end tag corresponding to start tag ${open[0]}`;
  if (parsed.text.trim() === '') return 'message text is empty';
  if (parsed.text.length > MAX_UNITS) return 'message is too long';
  return parsed;
}

function decoded(text: string): string {
  const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' };
  return text.replace(/&(?:#(\d+)|(lt|gt|amp|quot));/g, (_, number, name) =>
    name === undefined ? String.fromCodePoint(Number(number)) : (named[name] ?? ''),
  );
}

/** What clients make links of by themselves. */
function linksIn(text: string): readonly string[] {
  const kinds = [
    /(?<![\w@])@[A-Za-z]\w{3,31}/g,
    /(?<![\w/])\/[A-Za-z]\w*/g,
    /(?<![\w#])#\p{L}\w*/gu,
    /(?<!\w)\$[A-Z]{3,8}(?!\w)/g,
    /\b[a-z]+:\/\/\S+/gi,
    /\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b/gi,
    /(?<![\w./])\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?:\/[^\s"]*[a-z][^\s"]*|[?#]\w+)/gi,
  ];
  return kinds.flatMap((kind) => text.match(kind) ?? []);
}
