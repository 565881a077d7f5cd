import { startHttpServer, type ReceivedRequest } from '../http-server.ts';

/** A company with one application and one group robot. */
export interface WeComCompany {
  readonly corpId?: string;
  readonly corpSecret?: string;
  readonly agentId?: number;
  /** User ids that exist and can see the application. */
  readonly members?: readonly string[];
  readonly robotKey?: string;
  readonly isTrustedIp?: boolean;
  /** Seconds until an access token expires. @default 7200 */
  readonly expiresIn?: number;
  readonly now?: () => number;
}

export interface WeComFake {
  readonly url: string;
  /** The messages that reached members or the group; a repeated one of an application is not among them. */
  readonly messages: readonly Record<string, unknown>[];
  /** Times an access token was asked for. */
  readonly tokensIssued: () => number;
  /** Ends the current access token before its time. */
  readonly revokeToken: () => void;
  readonly stop: () => Promise<void>;
}

type Reply = Readonly<Record<string, unknown>>;

const ROBOT_PER_MINUTE = 20;
const MAX_TEXT_BYTES = 2048;
const MAX_ROBOT_MARKDOWN_BYTES = 4096;

function refusal(errcode: number, errmsg: string): Reply {
  const hint = `hint: [1755605200056773468916791], from ip: 127.0.0.1, more info at https://open.work.weixin.qq.com/devtool/query?e=${errcode}`;
  return { errcode, errmsg: `${errmsg}, ${hint}` };
}

/**
 * A strict stand-in for WeCom's API on a loopback port: tokens that expire, receivers, the check for duplicates, bytes and
 * rate, with the vendor's bodies and HTTP 200. Like the vendor it cuts a text that is too long without a word; here such a
 * message is marked with `truncated`, so that a test can tell.
 */
export async function startWeCom(company: WeComCompany): Promise<WeComFake> {
  const messages: Record<string, unknown>[] = [];
  const now = company.now ?? Date.now;
  const recentBodies = new Map<string, number>();
  const robotSends: number[] = [];
  let issued = 0;
  let token: { value: string; expiresAt: number } | undefined;
  let expired = '';

  function answer(request: ReceivedRequest): Reply {
    const url = new URL(request.path, 'http://wecom');
    switch (`${request.method} ${url.pathname}`) {
      case 'GET /cgi-bin/gettoken':
        return issueToken(url.searchParams);
      case 'POST /cgi-bin/message/send':
        return appMessage(url.searchParams.get('access_token') ?? '', request);
      case 'POST /cgi-bin/webhook/send':
        return robotMessage(url.searchParams.get('key') ?? '', request);
      default:
        return refusal(43004, 'require http method/path of the documentation');
    }
  }

  function issueToken(query: URLSearchParams): Reply {
    if (query.get('corpid') !== company.corpId) return refusal(40013, 'invalid corpid');
    if (query.get('corpsecret') !== company.corpSecret) return refusal(40001, 'invalid credential');
    issued += 1;
    const expiresIn = company.expiresIn ?? 7200;
    token = { value: `token-${issued}`, expiresAt: now() + expiresIn * 1000 };
    return { errcode: 0, errmsg: 'ok', access_token: token.value, expires_in: expiresIn };
  }

  function appMessage(given: string, request: ReceivedRequest): Reply {
    if (given === expired && given !== '') return refusal(42001, 'access_token expired');
    if (token === undefined || given !== token.value) return refusal(40014, 'invalid access_token');
    if (now() >= token.expiresAt) return refusal(42001, 'access_token expired');
    if (company.isTrustedIp === false) return refusal(60020, 'not allow to access from your ip');
    const message = parse(request);
    if (!message) return refusal(40033, 'invalid charset. not utf8');
    if (message['agentid'] !== company.agentId) return refusal(40056, 'invalid agentid');
    const content = contentOf(message);
    if (content === undefined) return refusal(40008, 'invalid message type');
    const { touser } = message;
    const { valid, invalid } = receivers(typeof touser === 'string' ? touser : '');
    if (valid === 0) return { ...refusal(81013, 'user & party & tag all invalid'), invaliduser: invalid.join('|') };
    if (!isDuplicate(message, request.body)) {
      messages.push(Buffer.byteLength(content) > MAX_TEXT_BYTES ? { ...message, truncated: true } : message);
    }
    return {
      errcode: 0,
      errmsg: 'ok',
      invaliduser: invalid.join('|'),
      invalidparty: '',
      invalidtag: '',
      msgid: 'MSGID',
    };
  }

  function receivers(touser: string): { valid: number; invalid: readonly string[] } {
    const members = company.members ?? [];
    if (touser === '@all') return { valid: members.length, invalid: [] };
    const ids = touser.split('|').filter(Boolean);
    const invalid = ids.filter((id) => !members.includes(id)).map((id) => id.toLowerCase());
    return { valid: ids.length - invalid.length, invalid };
  }

  function isDuplicate(message: Record<string, unknown>, body: string): boolean {
    if (message['enable_duplicate_check'] !== 1) return false;
    const interval = message['duplicate_check_interval'];
    const last = recentBodies.get(body);
    recentBodies.set(body, now());
    return last !== undefined && now() - last < (typeof interval === 'number' ? interval : 1800) * 1000;
  }

  function robotMessage(key: string, request: ReceivedRequest): Reply {
    if (company.robotKey === undefined || key !== company.robotKey) return refusal(93000, 'invalid webhook url');
    const recent = robotSends.filter((at) => at > now() - 60_000);
    if (recent.length >= ROBOT_PER_MINUTE) return refusal(45009, 'api freq out of limit');
    const message = parse(request);
    if (!message) return refusal(40033, 'invalid charset. not utf8');
    const content = contentOf(message);
    if (content === undefined) return refusal(40008, 'invalid message type');
    const { msgtype } = message;
    const limit = msgtype === 'markdown' ? MAX_ROBOT_MARKDOWN_BYTES : MAX_TEXT_BYTES;
    if (Buffer.byteLength(content) > limit) {
      return refusal(40058, `${String(msgtype)}.content exceed max length ${limit}. invalid Request Parameter`);
    }
    robotSends.push(now());
    messages.push(message);
    return { errcode: 0, errmsg: 'ok' };
  }

  const server = await startHttpServer((request) => ({
    headers: { 'content-type': 'application/json; charset=UTF-8' },
    body: JSON.stringify(answer(request)),
  }));
  return {
    url: server.url,
    messages,
    tokensIssued: () => issued,
    revokeToken() {
      expired = token?.value ?? '';
      token = undefined;
    },
    stop: () => server.stop(),
  };
}

/** Strict UTF-8 and JSON, an object, without `\uXXXX`, which WeCom refuses (return code 40033). */
function parse(request: ReceivedRequest): Record<string, unknown> | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(request.bytes);
    if (/(?<!\\)(?:\\\\)*\\u/.test(text)) return undefined;
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function contentOf(message: Record<string, unknown>): string | undefined {
  const { msgtype } = message;
  if (msgtype !== 'text' && msgtype !== 'markdown') return undefined;
  const part = message[msgtype];
  const content = isRecord(part) ? part['content'] : undefined;
  return typeof content === 'string' && content !== '' ? content : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
