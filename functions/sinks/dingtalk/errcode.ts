import type { ErrcodeMeaning } from '../../core/chat/errcode.ts';

/*
 * A robot that exceeded its rate is refused for ten minutes. Eight receives two minutes apart outlast that; a minute
 * apart they would not.
 */
const THROTTLED_AFTER_MS = 120_000;

const throttled: ErrcodeMeaning = { status: 'retry', code: 'throttled', afterMs: THROTTLED_AFTER_MS };
const event = (code: string): ErrcodeMeaning => ({ status: 'split', code });
const destination = (code: string): ErrcodeMeaning => ({ status: 'rejected', code });

/** From the error codes of the custom robot in DingTalk's open platform documentation, and errors seen in public reports. */
const meanings: ReadonlyMap<number, ErrcodeMeaning> = new Map([
  [-1, { status: 'retry', code: 'system_busy' }],
  [130101, throttled],
  [410100, throttled],
  [90018, throttled],
  [90030, throttled],
  [300001, destination('token_invalid')],
  [400101, destination('token_invalid')],
  [40014, destination('token_invalid')],
  [400013, destination('robot_unavailable')],
  [400102, destination('robot_unavailable')],
  [400106, destination('robot_unavailable')],
  [430101, event('content_blocked')],
  [430102, event('content_blocked')],
  [430103, event('content_blocked')],
  [430104, event('content_blocked')],
  [460101, event('message_too_long')],
  [101002, event('message_too_long')],
  [40035, event('request_invalid')],
  [400105, event('request_invalid')],
  [43004, destination('request_invalid')],
]);

/** One code for all security settings: only the text tells which, in English or, since 2021, in Chinese. */
const securitySettings: readonly (readonly [RegExp, ErrcodeMeaning])[] = [
  [/keyword|关键词/i, destination('keyword_missing')],
  [/timestamp is|invalid timestamp|时间戳(无效|过期|不合法)|签名过期/i, { status: 'retry', code: 'timestamp_invalid' }],
  [/sign|签名/i, destination('sign_mismatch')],
  [/whitelist|\bip\b|白名单/i, destination('ip_not_allowed')],
];

export function meaningOf(errcode: number, errmsg: string): ErrcodeMeaning | undefined {
  if (errcode !== 310000) return meanings.get(errcode);
  // The text for a wrong signature mentions the timestamp in its advice: only its first clause says what is wrong.
  const [description = ''] = errmsg.split(/;solution:/);
  return securitySettings.find(([pattern]) => pattern.test(description))?.[1] ?? destination('security_refused');
}
