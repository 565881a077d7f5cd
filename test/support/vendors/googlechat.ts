import { isRecord, listOf, recordOf, textOf } from '../../../functions/core/contract/untrusted.ts';
import { startHttpServer, type ReceivedRequest } from '../http-server.ts';

/** A space with one webhook. */
export interface GoogleChatSpace {
  readonly key: string;
  readonly token: string;
  readonly now?: () => number;
}

export interface GoogleChatFake {
  /** Of the webhook. */
  readonly webhookUrl: string;
  readonly messages: readonly Readonly<Record<string, unknown>>[];
  /** How many threads there are: a message without a key is one. */
  readonly threads: () => number;
  readonly requests: () => number;
  readonly stop: () => Promise<void>;
}

interface Refusal {
  readonly code: number;
  readonly status: string;
  readonly message: string;
}

const MAX_BYTES = 32_000;
const PER_MINUTE = 60;

/** What a message may have, by the Google Chat API's reference (v1, Message): names of fields, and of what they hold. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  message: ['text', 'fallbackText', 'cardsV2', 'thread'],
  cardWithId: ['cardId', 'card'],
  card: ['header', 'sections', 'name', 'fixedFooter'],
  header: ['title', 'subtitle', 'imageUrl', 'imageType', 'imageAltText'],
  section: ['header', 'widgets', 'collapsible', 'uncollapsibleWidgetsCount'],
  textParagraph: ['text', 'maxLines'],
  decoratedText: ['topLabel', 'text', 'wrapText', 'bottomLabel', 'startIcon'],
  buttonList: ['buttons'],
  button: ['text', 'onClick', 'color', 'altText'],
};
const TAGS = /<(?!\/?(?:b|i|u|s|font|a|br)\b)[^>]*>|<(?![/a-z])/i;

/**
 * A strict stand-in for the webhook of a space: key and token, names of fields, bytes, the HTML of cards, rate of the space, threads
 * by key only where the reply option asks for them. Source: Google Chat API reference, "Send messages with webhooks", "Usage limits".
 */
export async function startGoogleChat({ key, token, now = Date.now }: GoogleChatSpace): Promise<GoogleChatFake> {
  const messages: Readonly<Record<string, unknown>>[] = [];
  const threads = new Set<string>();
  let sends: number[] = [];
  let requests = 0;

  function take(request: ReceivedRequest): Refusal | undefined {
    requests += 1;
    const url = new URL(request.path, 'http://chat');
    if (`${request.method} ${url.pathname}` !== 'POST /v1/spaces/AAAAtest/messages')
      return { code: 404, status: 'NOT_FOUND', message: 'Requested entity was not found.' };
    if (url.searchParams.get('key') !== key)
      return { code: 403, status: 'PERMISSION_DENIED', message: 'The request is missing a valid API key.' };
    if (url.searchParams.get('token') !== token)
      return { code: 401, status: 'UNAUTHENTICATED', message: 'Request had invalid authentication credentials.' };
    sends = sends.filter((at) => at > now() - 60_000);
    if (sends.length >= PER_MINUTE)
      return {
        code: 429,
        status: 'RESOURCE_EXHAUSTED',
        message: "Quota exceeded for quota metric 'Writes per minute per space'",
      };
    const message = parsed(request);
    const wrong = message === undefined ? 'Invalid JSON payload received.' : wrongIn(message, request.bytes.length);
    if (message === undefined || wrong !== undefined)
      return { code: 400, status: 'INVALID_ARGUMENT', message: wrong ?? '' };
    sends.push(now());
    const threadKey = textOf(recordOf(message['thread'])['threadKey']);
    const isThreaded = url.searchParams.get('messageReplyOption') === 'REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD';
    threads.add(isThreaded && threadKey !== '' ? threadKey : `alone ${messages.length}`);
    messages.push(message);
    return undefined;
  }

  const server = await startHttpServer((request) => {
    const error = take(request);
    return {
      status: error?.code ?? 200,
      headers: { 'content-type': 'application/json; charset=UTF-8' },
      body: JSON.stringify(error ? { error } : { name: `spaces/AAAAtest/messages/m${messages.length}` }),
    };
  });
  return {
    webhookUrl: `${server.url}/v1/spaces/AAAAtest/messages?key=${key}&token=${token}`,
    messages,
    threads: () => threads.size,
    requests: () => requests,
    stop: () => server.stop(),
  };
}

function parsed(request: ReceivedRequest): Readonly<Record<string, unknown>> | undefined {
  if (!/^application\/json; charset=utf-8$/i.test(request.headers['content-type'] ?? '')) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(request.bytes));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function wrongIn(message: Readonly<Record<string, unknown>>, bytes: number): string | undefined {
  if (bytes > MAX_BYTES) return 'Message is too long.';
  const cards = listOf(message['cardsV2']).map(recordOf);
  const sections = cards.flatMap((card) => listOf(recordOf(card['card'])['sections'])).map(recordOf);
  const widgets = sections.flatMap((section) => listOf(section['widgets'])).map(recordOf);
  const parts: readonly (readonly [string, unknown])[] = [
    ['message', message],
    ...cards.flatMap((card) => [
      ['cardWithId', card] as const,
      ['card', card['card']] as const,
      ['header', recordOf(card['card'])['header']] as const,
    ]),
    ...sections.map((section) => ['section', section] as const),
    ...widgets.flatMap((widget) => Object.entries(widget)),
    ...buttonsIn(widgets).map((button) => ['button', button] as const),
  ];
  for (const [kind, value] of parts) {
    const known = FIELDS[kind];
    if (!known) return `Invalid JSON payload received. Unknown name "${kind}": Cannot find field.`;
    const unknown = Object.keys(recordOf(value)).find((name) => !known.includes(name));
    if (unknown !== undefined) return `Invalid JSON payload received. Unknown name "${unknown}": Cannot find field.`;
  }
  if (sections.some((section) => listOf(section['widgets']).length === 0)) return 'A section needs a widget.';
  const html = widgets.flatMap((widget) => Object.values(widget)).map((inner) => textOf(recordOf(inner)['text']));
  if (html.some((text) => TAGS.test(text))) return 'Unsupported tag in a text.';
  const targets = buttonsIn(widgets).map((button) => textOf(recordOf(recordOf(button['onClick'])['openLink'])['url']));
  if (!targets.every((target) => /^https?:\/\//.test(target) && URL.canParse(target))) return 'Invalid URL.';
  if (textOf(recordOf(recordOf(cards[0]?.['card'])['header'])['title']) === '') return 'A header needs a title.';
  return undefined;
}

function buttonsIn(
  widgets: readonly Readonly<Record<string, unknown>>[],
): readonly Readonly<Record<string, unknown>>[] {
  return widgets.flatMap((widget) => listOf(recordOf(widget['buttonList'])['buttons'])).map(recordOf);
}
