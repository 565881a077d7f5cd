import * as z from 'zod/mini';
import { classifyErrcode } from '../../core/chat/errcode.ts';
import type { HttpReply } from '../../core/contract/http.ts';
import { parseReply } from '../../core/kit/json.ts';
import { retry, type Outcome } from '../../core/contract/outcome.ts';
import type { Secret } from '../../core/contract/secret.ts';
import { defineSink, type SinkContext } from '../../core/contract/sink.ts';
import { fingerprint } from '../../core/kit/fingerprint.ts';
import { config } from './config.ts';
import { meaningOf, tokenErrcodes } from './errcode.ts';
import { weComMessage, type WeComMessage, type WeComOptions } from './message.ts';
import { accessToken, createTokenCache, type TokenCache } from './token.ts';

interface Options extends WeComOptions {
  readonly corpId?: string | undefined;
  readonly endpoint: string;
}

interface Secrets {
  readonly corpSecret?: Secret | undefined;
  readonly robotKey?: Secret | undefined;
}

type Context = SinkContext<Options, Secrets>;

/** A robot may send 20 messages a minute. A member gets at most 30 a minute of an application: more are dropped without a word. */
const perMinute = { app: 30, robot: 20 } as const;

/**
 * Messages of a WeCom application to members, or of a group's robot; one per batch. An application's access token is fetched
 * before the first message; where it is refused, nothing was sent, so a new one is fetched and the message sent with it, once.
 */
export const sink = defineSink({
  config,
  pace({ mode, corpId, agentId }, { robotKey }) {
    const sender = mode === 'app' ? `${corpId}/${agentId}` : (robotKey?.reveal() ?? '');
    const hash = fingerprint(sender);
    return { key: `wechat:${hash}`, perMinute: perMinute[mode] };
  },
  render(events, options) {
    return events.length === 0 ? [] : [{ events, payload: weComMessage(events, options) }];
  },
  async connect() {
    return createTokenCache();
  },
  async send({ payload }, tokens, ctx) {
    return ctx.options.mode === 'robot' ? sendToRobot(payload, ctx) : sendToMembers(payload, tokens, ctx);
  },
});

async function sendToRobot(message: WeComMessage, ctx: Context): Promise<Outcome> {
  const { robotKey } = ctx.secrets;
  if (!robotKey) return retry('secret_missing', 'robotKey is missing: mode robot needs it');
  const reply = await post('webhook/send', { key: robotKey.reveal() }, message, ctx);
  return classifyErrcode(reply, ctx.now(), meaningOf('robot'));
}

async function sendToMembers(message: WeComMessage, tokens: TokenCache, ctx: Context): Promise<Outcome> {
  const { corpId = '', endpoint } = ctx.options;
  const { corpSecret } = ctx.secrets;
  if (!corpSecret) return retry('secret_missing', 'corpSecret is missing: mode app needs it');
  const access = { endpoint, corpId, corpSecret, http: ctx.http, now: ctx.now };
  const send = async (): Promise<HttpReply | Outcome> => {
    const got = await accessToken(tokens, access);
    if ('status' in got) return got;
    ctx.conceal(got.token);
    return post('message/send', { access_token: got.token }, message, ctx);
  };
  let reply = await send();
  if (isTokenRefused(reply)) {
    // WeCom may end a token before its time: it is replaced once, and nothing has been sent yet.
    tokens.token = undefined;
    reply = await send();
  }
  if (!('body' in reply)) return reply;
  const outcome = outcomeOf(reply, ctx.now());
  if (isTokenRefused(reply)) tokens.token = undefined;
  return outcome;
}

function post(
  path: string,
  query: Readonly<Record<string, string>>,
  message: WeComMessage,
  { options, http }: Context,
): Promise<HttpReply> {
  return http({
    method: 'POST',
    url: `${options.endpoint.replace(/\/+$/, '')}/cgi-bin/${path}?${new URLSearchParams(query).toString()}`,
    headers: { 'Content-Type': 'application/json; charset=utf-8' },
    body: JSON.stringify(message),
  });
}

const sendReply = z.object({
  errcode: z.optional(z.number()),
  invaliduser: z.optional(z.string()),
});

function isTokenRefused(reply: HttpReply | Outcome): boolean {
  if (!('body' in reply)) return false;
  const errcode = parseReply(sendReply, reply.body)?.errcode;
  return errcode !== undefined && tokenErrcodes.has(errcode);
}

function outcomeOf(reply: HttpReply, now: Date): Outcome {
  const outcome = classifyErrcode(reply, now, meaningOf('app'));
  const missing = parseReply(sendReply, reply.body)?.invaliduser ?? '';
  if (outcome.status !== 'delivered' || missing === '') return outcome;
  return { ...outcome, warning: `not delivered to ${missing}: unknown, or the application is not visible to them` };
}
