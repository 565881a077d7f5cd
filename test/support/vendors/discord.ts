import { isRecord, listOf, recordOf, textOf } from '../../../functions/core/contract/untrusted.ts';
import { startHttpServer, type ReceivedRequest } from '../http-server.ts';

/** A channel with one webhook. */
export interface DiscordChannel {
  readonly token: string;
  /** A forum takes messages of threads only. */
  readonly isForum?: boolean;
  /** Ids of threads, and whether one is locked. */
  readonly threads?: Readonly<Record<string, 'open' | 'locked'>>;
  readonly now?: () => number;
}

export interface DiscordFake {
  readonly webhookUrl: string;
  readonly messages: readonly Readonly<Record<string, unknown>>[];
  /** Whom the messages have mentioned. */
  readonly mentioned: readonly string[];
  readonly requests: () => number;
  readonly stop: () => Promise<void>;
}

interface Refusal {
  readonly status: number;
  readonly body: object;
}

const LIMITS = { content: 2000, embeds: 10, all: 6000, fields: 25 } as const;
/** By the path of a text in an embed. */
const TEXTS: Readonly<Record<string, number>> = {
  title: 256,
  description: 4096,
  'footer.text': 2048,
  'fields.name': 256,
  'fields.value': 1024,
};
const FIELDS = new Set(['title', 'description', 'url', 'timestamp', 'color', 'footer', 'fields', 'author']);

/**
 * A strict stand-in for a webhook of Discord: the version that its waits in seconds are of, `wait`, token, threads, limits of embeds, mentions as `allowed_mentions` says, five
 * messages in two seconds and thirty a minute. Source: Discord developer documentation (Webhook, Message, Rate Limits).
 */
export async function startDiscord({
  token,
  isForum = false,
  threads = {},
  now = Date.now,
}: DiscordChannel): Promise<DiscordFake> {
  const messages: Readonly<Record<string, unknown>>[] = [];
  const mentioned: string[] = [];
  let sends: number[] = [];
  let requests = 0;

  function take(request: ReceivedRequest): Refusal | undefined {
    requests += 1;
    const url = new URL(request.path, 'http://discord');
    const [, given] = /^\/api\/v10\/webhooks\/1234567890123456789\/([\w-]+)$/.exec(url.pathname) ?? [];
    if (request.method !== 'POST' || given === undefined) return refused(404, 10_015, 'Unknown Webhook');
    if (given !== token) return refused(401, 50_027, 'Invalid Webhook Token');
    if (url.searchParams.get('wait') !== 'true') return refused(400, 50_035, 'the fake wants wait=true');
    const thread = url.searchParams.get('thread_id');
    if (thread === null && isForum)
      return refused(400, 220_001, 'Webhooks posted to forum channels must have a thread_name or thread_id');
    if (thread !== null && threads[thread] === undefined) return refused(404, 10_003, 'Unknown Channel');
    if (thread !== null && threads[thread] === 'locked') return refused(403, 160_005, 'Thread is locked');
    const body = parsed(request);
    if (!body) return refused(400, 50_109, 'The request body contains invalid JSON.');
    const wrong = wrongIn(body);
    if (wrong !== undefined) return refused(400, 50_035, `Invalid Form Body: ${wrong}`);
    sends = sends.filter((at) => at > now() - 60_000);
    const inTwoSeconds = sends.filter((at) => at > now() - 2000);
    const blocked = inTwoSeconds.length >= 5 ? (inTwoSeconds[0] ?? 0) + 2000 : undefined;
    const until = sends.length >= 30 ? (sends[0] ?? 0) + 60_000 : blocked;
    if (until !== undefined) {
      const seconds = (until - now()) / 1000;
      return { status: 429, body: { message: 'You are being rate limited.', retry_after: seconds, global: false } };
    }
    sends.push(now());
    messages.push(body);
    mentioned.push(...mentionsIn(body));
    return undefined;
  }

  const server = await startHttpServer((request) => {
    const refusal = take(request);
    return refusal
      ? { status: refusal.status, body: JSON.stringify(refusal.body) }
      : { body: JSON.stringify({ id: String(messages.length) }) };
  });
  return {
    webhookUrl: `${server.url}/api/webhooks/1234567890123456789/${token}`,
    messages,
    mentioned,
    requests: () => requests,
    stop: () => server.stop(),
  };
}

function refused(status: number, code: number, message: string): Refusal {
  return { status, body: { code, message } };
}

function parsed(request: ReceivedRequest): Readonly<Record<string, unknown>> | undefined {
  if (request.headers['content-type'] !== 'application/json') return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(request.bytes));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function wrongIn(body: Readonly<Record<string, unknown>>): string | undefined {
  const embeds = listOf(body['embeds']).map(recordOf);
  if (textOf(body['content']).length > LIMITS.content) return 'content: Must be 2000 or fewer in length.';
  if (embeds.length === 0 || embeds.length > LIMITS.embeds) return 'embeds: Must be between 1 and 10.';
  if (!isRecord(body['allowed_mentions']) || !Array.isArray(body['allowed_mentions']['parse']))
    return 'the fake wants allowed_mentions.parse';
  let all = 0;
  for (const embed of embeds) {
    const unknown = Object.keys(embed).find((name) => !FIELDS.has(name));
    if (unknown !== undefined) return `embeds.${unknown}: the fake does not know it`;
    const fields = listOf(embed['fields']).map(recordOf);
    if (fields.length > LIMITS.fields) return 'embeds.fields: Must be 25 or fewer in length.';
    const texts: readonly (readonly [string, string])[] = [
      ...['title', 'description'].filter((name) => name in embed).map((name) => [name, textOf(embed[name])] as const),
      ...('footer' in embed ? [['footer.text', textOf(recordOf(embed['footer'])['text'])] as const] : []),
      ...fields.flatMap((field) => [
        ['fields.name', textOf(field['name'])] as const,
        ['fields.value', textOf(field['value'])] as const,
      ]),
    ];
    for (const [name, text] of texts) {
      if (text.trim() === '') return `embeds.${name}: This field is required`;
      if (text.length > (TEXTS[name] ?? 0)) return `embeds.${name}: Must be ${TEXTS[name]} or fewer in length.`;
      all += text.length;
    }
  }
  return all > LIMITS.all ? 'embeds: Embed size exceeds maximum size of 6000' : undefined;
}

/** Who gets a notification: named in the content, and allowed. Embeds notify nobody. */
function mentionsIn(body: Readonly<Record<string, unknown>>): readonly string[] {
  const allowed = recordOf(body['allowed_mentions']);
  const isParsed = (kind: string): boolean => listOf(allowed['parse']).includes(kind);
  const found = textOf(body['content']).match(/@everyone|@here|<@&?\d+>/g) ?? [];
  return found.filter((name) => {
    const [, role, id] = /^<@(&?)(\d+)>$/.exec(name) ?? [];
    if (id === undefined) return isParsed('everyone');
    return role === '&'
      ? isParsed('roles') || listOf(allowed['roles']).includes(id)
      : isParsed('users') || listOf(allowed['users']).includes(id);
  });
}
