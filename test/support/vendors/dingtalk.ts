import { createHmac, timingSafeEqual } from 'node:crypto';
import { startHttpServer, type ReceivedRequest } from '../http-server.ts';

/** How the robot of the fake is set up. */
export interface DingTalkRobot {
  readonly accessToken: string;
  readonly signSecret?: string;
  readonly keywords?: readonly string[];
  /** Addresses that may send; none given: all. */
  readonly allowedIps?: readonly string[];
  readonly state?: 'active' | 'disabled' | 'dissolved';
  /** @default 20 */
  readonly perMinute?: number;
  readonly now?: () => number;
}

export interface DingTalkFake {
  readonly url: string;
  /** The messages that reached the group. */
  readonly messages: readonly Record<string, unknown>[];
  /** Everything that was answered, in order. */
  readonly replies: readonly unknown[];
  stop(): Promise<void>;
}

const HOUR_MS = 3_600_000;
const BLOCK_MS = 600_000;
const MAX_BODY_BYTES = 20_000;
const ok = { errcode: 0, errmsg: 'ok' };
const more = 'more: [https://ding-doc.dingtalk.com/doc#/serverapi2/qf2nxq]';

/**
 * A strict stand-in for DingTalk's custom robot on a loopback port: checks what the vendor checks (token, signature,
 * time window, keywords, addresses, size, rate, required fields) and answers with its bodies, all with HTTP 200.
 */
export async function startDingTalk(robot: DingTalkRobot): Promise<DingTalkFake> {
  const messages: Record<string, unknown>[] = [];
  const replies: unknown[] = [];
  const now = robot.now ?? Date.now;
  const accepted: number[] = [];
  let blockedUntil = 0;

  function answer(request: ReceivedRequest): unknown {
    const url = new URL(request.path, 'http://dingtalk');
    if (url.pathname !== '/robot/send') return { errcode: 404, errmsg: '请求的URI地址不存在' };
    if (request.method !== 'POST') return { errcode: 43002, errmsg: '不支持的请求方法,需要POST' };
    if (url.searchParams.get('access_token') !== robot.accessToken) {
      return { errcode: 300001, errmsg: 'token is not exist' };
    }
    if (robot.state === 'disabled') return { errcode: 400102, errmsg: '机器人已停用' };
    if (robot.state === 'dissolved') return { errcode: 400013, errmsg: '群已被解散' };
    if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
      return { errcode: 43004, errmsg: '无效的HTTP HEADER Content-Type' };
    }
    const refusal = tooFast() ?? signatureRefusal(url) ?? addressRefusal();
    if (refusal) return refusal;
    if (request.bytes.length > MAX_BODY_BYTES)
      return { errcode: 460101, errmsg: 'message too long, exceed 20000 bytes' };
    const message = parse(request.bytes);
    if (!message) return { errcode: 40035, errmsg: '不合法的参数' };
    const text = textOf(message);
    if (text === undefined) return { errcode: 40035, errmsg: '缺少参数 json' };
    if (robot.keywords && !robot.keywords.some((keyword) => text.includes(keyword))) {
      return { errcode: 310000, errmsg: `keywords not in content, ${more}` };
    }
    accepted.push(now());
    messages.push(message);
    return ok;
  }

  function tooFast(): unknown {
    const recent = accepted.filter((at) => at > now() - 60_000);
    if (recent.length >= (robot.perMinute ?? 20) && now() >= blockedUntil) blockedUntil = now() + BLOCK_MS;
    if (now() >= blockedUntil) return undefined;
    return {
      status: 1111,
      wait: 5,
      source: 'x5',
      punish: 'deny',
      uuid: '9ff0e7e2346aabb5a8bcbb7c93c71636',
      errcode: 130101,
      errmsg: 'send too fast, exceed 20 times per minute',
    };
  }

  function signatureRefusal(url: URL): unknown {
    if (robot.signSecret === undefined) return undefined;
    const timestamp = url.searchParams.get('timestamp') ?? '';
    if (!/^\d{13}$/.test(timestamp) || Math.abs(Number(timestamp) - now()) > HOUR_MS) {
      return { errcode: 310000, errmsg: `invalid timestamp, ${more}` };
    }
    const expected = createHmac('sha256', robot.signSecret).update(`${timestamp}\n${robot.signSecret}`).digest();
    const given = Buffer.from(url.searchParams.get('sign') ?? '', 'base64');
    if (given.length === expected.length && timingSafeEqual(given, expected)) return undefined;
    return {
      errcode: 310000,
      errmsg:
        'description:机器人发送签名不匹配;solution:请确认签名和生成签名的时间戳必须都放在调用的网址中，请确认机器人的密钥加密和填写正确;link:请参考本接口对应文档获得具体要求，或者在https://open.dingtalk.com/document/  搜索相关文档;',
    };
  }

  function addressRefusal(): unknown {
    // Everything comes from loopback here.
    const address = '127.0.0.1';
    if (!robot.allowedIps || robot.allowedIps.includes(address)) return undefined;
    return { errcode: 310000, errmsg: `ip ${address} not in whitelist, ${more}` };
  }

  const server = await startHttpServer((request) => {
    const reply = answer(request);
    replies.push(reply);
    return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(reply) };
  });
  return { url: server.url, messages, replies, stop: () => server.stop() };
}

/** Strict UTF-8 and JSON, an object. */
function parse(body: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The text of a complete message of a known type, title included; undefined if a required field is missing. */
function textOf(message: Record<string, unknown>): string | undefined {
  switch (message['msgtype']) {
    case 'text':
      return required(message['text'], ['content']);
    case 'markdown':
      return required(message['markdown'], ['title', 'text']);
    case 'actionCard': {
      const card = message['actionCard'];
      const text = required(card, ['title', 'text']);
      if (!isRecord(card) || text === undefined) return undefined;
      if ('btns' in card) {
        const buttons: unknown = card['btns'];
        const isComplete =
          Array.isArray(buttons) && buttons.every((button) => required(button, ['title', 'actionURL']) !== undefined);
        return isComplete && buttons.length > 0 ? text : undefined;
      }
      return required(card, ['singleTitle', 'singleURL']) === undefined ? undefined : text;
    }
    default:
      return undefined;
  }
}

function required(value: unknown, fields: readonly string[]): string | undefined {
  if (!isRecord(value)) return undefined;
  const texts = fields.map((field) => value[field]);
  return texts.every((text) => typeof text === 'string' && text !== '') ? texts.join('\n') : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
