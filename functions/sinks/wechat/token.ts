import * as z from 'zod/mini';
import { classifyErrcode } from '../../core/chat/errcode.ts';
import { parseReply } from '../../core/kit/json.ts';
import type { Http } from '../../core/contract/http.ts';
import { retry, type Outcome } from '../../core/contract/outcome.ts';
import type { Secret } from '../../core/contract/secret.ts';
import { meaningOf } from './errcode.ts';

/** An application's access token, kept over invocations: WeCom limits how often one may be asked for. */
export interface TokenCache {
  token: string | undefined;
  /** Epoch milliseconds. */
  expiresAt: number;
}

export function createTokenCache(): TokenCache {
  return { token: undefined, expiresAt: 0 };
}

interface Access {
  readonly endpoint: string;
  readonly corpId: string;
  readonly corpSecret: Secret;
  readonly http: Http;
  readonly now: () => Date;
}

const tokenReply = z.object({ access_token: z.string().check(z.minLength(1)), expires_in: z.number() });

const EARLY_MS = 300_000;

/** The cached token or a new one, or the outcome of not getting any. */
export async function accessToken(cache: TokenCache, access: Access): Promise<{ readonly token: string } | Outcome> {
  const now = access.now();
  if (cache.token !== undefined && now.getTime() < cache.expiresAt) return { token: cache.token };
  const query = new URLSearchParams({ corpid: access.corpId, corpsecret: access.corpSecret.reveal() });
  const url = `${access.endpoint.replace(/\/+$/, '')}/cgi-bin/gettoken?${query.toString()}`;
  const reply = await access.http({ method: 'GET', url });
  const outcome = classifyErrcode(reply, now, meaningOf('app'));
  if (outcome.status !== 'delivered') return outcome;
  const parsed = parseReply(tokenReply, reply.body);
  if (!parsed) return retry('unreadable_reply', 'the reply holds no access token');
  cache.token = parsed.access_token;
  cache.expiresAt = now.getTime() + parsed.expires_in * 1000 - EARLY_MS;
  return { token: parsed.access_token };
}
