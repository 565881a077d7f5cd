import { createHmac } from 'node:crypto';
import { isRecord, listOf, recordOf, textOf } from '../../../functions/core/contract/untrusted.ts';
import { startHttpServer, type ReceivedRequest } from '../http-server.ts';

/** How the bot of the fake is set up. */
export interface FeishuBot {
  readonly signSecret?: string;
  readonly keywords?: readonly string[];
  /** Who may be mentioned; nobody by default, as in a group that forbids it. */
  readonly mentionable?: readonly string[];
  readonly isDisabled?: boolean;
  readonly allowsAddress?: boolean;
  readonly now?: () => number;
}

export interface FeishuFake {
  readonly webhookUrl: string;
  /** The messages that reached the group. */
  readonly messages: readonly Readonly<Record<string, unknown>>[];
  /** Everything that was answered, in order. */
  readonly replies: readonly Reply[];
  stop(): Promise<void>;
}

interface Reply {
  readonly code: number;
  readonly msg: string;
}

const PATH = '/open-apis/bot/v2/hook/0a1b2c3d-test';
const MAX_BODY_BYTES = 20_000;
const HOUR_SECONDS = 3600;
const PER_MINUTE = 100;
const PER_SECOND = 5;
const ok: Reply = { code: 0, msg: 'success' };
const badRequest: Reply = { code: 9499, msg: 'Bad Request' };

/** The properties of each element of JSON 2.0 that a card may use here: others are errors there. */
const PROPERTIES: Readonly<Record<string, readonly string[]>> = {
  markdown: ['tag', 'content', 'text_size', 'text_align', 'element_id', 'margin', 'icon'],
  column_set: ['tag', 'flex_mode', 'columns', 'horizontal_spacing', 'background_style', 'element_id', 'margin'],
  column: ['tag', 'width', 'weight', 'elements', 'vertical_align', 'element_id'],
  button: ['tag', 'text', 'type', 'size', 'behaviors', 'width', 'element_id', 'disabled'],
  hr: ['tag', 'element_id', 'margin'],
};
const TEMPLATES = 'blue wathet turquoise green yellow orange red carmine violet purple indigo grey default'.split(' ');
const MAX_ELEMENTS = 200;

/**
 * A strict stand-in for the custom bot of Feishu and Lark on a loopback port: checks what the vendor checks (signature, its hour,
 * address, keywords in titles and texts, size, rate, elements and properties of cards 2.0, mentions) and answers with its codes,
 * in HTTP 200.
 */
export async function startFeishu(bot: FeishuBot = {}): Promise<FeishuFake> {
  const messages: Readonly<Record<string, unknown>>[] = [];
  const replies: Reply[] = [];
  const now = bot.now ?? Date.now;
  const accepted: number[] = [];

  function answer(request: ReceivedRequest): Reply {
    if (request.path !== PATH) return { code: 19001, msg: 'param invalid: incoming webhook access token invalid' };
    if (bot.isDisabled === true) return { code: 19007, msg: 'app status invalid' };
    if (bot.allowsAddress === false) return { code: 19022, msg: 'Ip Not Allowed' };
    if (request.method !== 'POST' || !/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
      return badRequest;
    const message = request.bytes.length <= MAX_BODY_BYTES ? parse(request.bytes) : undefined;
    if (!message) return badRequest;
    if (!isSigned(message)) return { code: 19021, msg: 'sign match fail or timestamp is not within one hour' };
    const within = (ms: number) => accepted.filter((at) => at > now() - ms).length;
    if (within(60_000) >= PER_MINUTE || within(1000) >= PER_SECOND)
      return { code: 11232, msg: 'frequency limited psm' };
    const refusal = refusalOf(message);
    if (refusal) return refusal;
    accepted.push(now());
    messages.push(message);
    return ok;
  }

  function isSigned({ timestamp, sign }: Readonly<Record<string, unknown>>): boolean {
    if (bot.signSecret === undefined) return true;
    const isRecent = Math.abs(Number(timestamp) - now() / 1000) <= HOUR_SECONDS;
    const key = `${textOf(timestamp)}\n${bot.signSecret}`;
    return isRecent && sign === createHmac('sha256', key).digest('base64');
  }

  function refusalOf(message: Readonly<Record<string, unknown>>): Reply | undefined {
    const card = recordOf(message['card']);
    if (message['msg_type'] !== 'interactive') return { code: 19002, msg: 'params error, msg_type need' };
    const problem = problemOf(card, bot.mentionable ?? []);
    if (problem !== undefined) return { code: 11246, msg: `Failed to create card content, ErrCode: 11310; ${problem}` };
    const texts = textsIn(card);
    const hasKeyword = bot.keywords?.some((keyword) => texts.some((text) => text.includes(keyword))) ?? true;
    return hasKeyword ? undefined : { code: 19024, msg: 'Key Words Not Found' };
  }

  const server = await startHttpServer((request) => {
    const reply = answer(request);
    replies.push(reply);
    return { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ...reply, data: {} }) };
  });
  return { webhookUrl: `${server.url}${PATH}`, messages, replies, stop: () => server.stop() };
}

/** Strict UTF-8 and JSON, an object. */
function parse(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function problemOf(card: Readonly<Record<string, unknown>>, mentionable: readonly string[]): string | undefined {
  const header = recordOf(card['header']);
  if (card['schema'] !== '2.0') return 'schema';
  const unknown = Object.keys(card).find((key) => !['schema', 'config', 'header', 'body', 'card_link'].includes(key));
  if (unknown !== undefined) return `unknown property ${unknown}`;
  if (textOf(recordOf(header['title'])['content']) === '') return 'header without a title';
  if (!TEMPLATES.includes(textOf(header['template']))) return 'template';
  const elements = elementsIn(recordOf(card['body'])['elements']);
  if (elements.length > MAX_ELEMENTS) return 'too many elements';
  for (const element of elements) {
    const problem = elementProblem(element, mentionable);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function elementProblem(element: unknown, mentionable: readonly string[]): string | undefined {
  const { tag, content, behaviors } = recordOf(element);
  const properties = PROPERTIES[textOf(tag)];
  if (!properties) return `unknown element ${textOf(tag)}`;
  const unknown = Object.keys(recordOf(element)).find((key) => !properties.includes(key));
  if (unknown !== undefined) return `unknown property ${unknown} of ${textOf(tag)}`;
  if (tag === 'button' && !listOf(behaviors).every((each) => URL.canParse(textOf(recordOf(each)['default_url']))))
    return 'button without a URL';
  if (tag !== 'markdown') return undefined;
  if (textOf(content) === '') return 'empty markdown';
  const mentioned = [...textOf(content).matchAll(/<at\s+(?:id|user_id|email|ids)="?([^\s>"]*)/gi)].map(
    ([, id = '']) => id,
  );
  const stranger = mentioned.find((id) => !mentionable.includes(id));
  return stranger === undefined ? undefined : `mention of ${stranger} is forbidden`;
}

/** All elements of a card, those in columns too. */
function elementsIn(elements: unknown): readonly unknown[] {
  return listOf(elements).flatMap((element) => {
    const { columns, elements: inner } = recordOf(element);
    return [element, ...elementsIn(columns), ...elementsIn(inner)];
  });
}

function textsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'content' && typeof inner === 'string' ? [inner] : textsIn(inner),
  );
}
