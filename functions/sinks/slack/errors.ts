import * as z from 'zod/mini';
import type { HttpReply } from '../../core/contract/http.ts';
import { delivered, rejected, retry, split, type Outcome } from '../../core/contract/outcome.ts';
import { retryAfterMs } from '../../core/contract/retry-after.ts';
import { classify, excerpt } from '../../core/kit/http.ts';
import { parseReply } from '../../core/kit/json.ts';

const THROTTLED_AFTER_MS = 30_000;
const QUOTA_AFTER_MS = 300_000;
const MOVING_AFTER_MS = 900_000;

interface Meaning {
  readonly status: 'retry' | 'rejected' | 'split';
  readonly code: string;
  readonly afterMs?: number;
}

const later = (code: string, afterMs?: number): Meaning => ({
  status: 'retry',
  code,
  ...(afterMs !== undefined && { afterMs }),
});
const destination = (code: string): Meaning => ({ status: 'rejected', code });
const event = (code: string): Meaning => ({ status: 'split', code });

/** What each error means: those of chat.postMessage, and the bodies of incoming webhooks. See https://docs.slack.dev/reference/methods/chat.postMessage */
const groups: readonly (readonly [Meaning, readonly string[]])[] = [
  [later('throttled', THROTTLED_AFTER_MS), ['ratelimited', 'rate_limited']],
  [later('throttled', QUOTA_AFTER_MS), ['message_limit_exceeded']],
  [
    later('slack_failed'),
    ['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'update_failed', 'rollup_error'],
  ],
  [
    later('workspace_moving', MOVING_AFTER_MS),
    ['external_channel_migrating', 'team_added_to_org', 'org_login_required'],
  ],
  [
    destination('token_refused'),
    [
      'not_authed',
      'invalid_auth',
      'account_inactive',
      'token_revoked',
      'token_expired',
      'not_allowed_token_type',
      'is_bot',
    ],
  ],
  [
    destination('permission_missing'),
    [
      'missing_scope',
      'no_permission',
      'access_denied',
      'accesslimited',
      'app_access_restricted',
      'ekm_access_denied',
      'enterprise_is_restricted',
      'two_factor_setup_required',
    ],
  ],
  [destination('method_unknown'), ['unknown_method', 'method_deprecated', 'deprecated_endpoint']],
  [destination('channel_unknown'), ['channel_not_found', 'team_not_found', 'user_not_found']],
  [destination('not_in_channel'), ['not_in_channel']],
  [destination('channel_archived'), ['is_archived', 'channel_is_archived']],
  [
    destination('posting_denied'),
    [
      'restricted_action',
      'restricted_action_read_only_channel',
      'restricted_action_thread_only_channel',
      'messages_tab_disabled',
      'action_prohibited',
      'posting_to_general_channel_denied',
    ],
  ],
  [
    destination('webhook_gone'),
    ['no_service', 'no_service_id', 'no_active_hooks', 'no_team', 'team_disabled', 'invalid_token'],
  ],
  [
    event('message_refused'),
    [
      'invalid_payload',
      'invalid_attachments',
      'invalid_blocks',
      'invalid_blocks_format',
      'no_text',
      'markdown_text_conflict',
      'invalid_arg_name',
      'invalid_array_arg',
      'invalid_charset',
      'invalid_form_data',
      'invalid_post_type',
      'missing_post_type',
    ],
  ],
  [
    event('message_too_long'),
    [
      'msg_blocks_too_long',
      'msg_too_long',
      'too_many_attachments',
      'attachment_payload_limit_exceeded',
      'metadata_too_large',
    ],
  ],
];

export const meanings: ReadonlyMap<string, Meaning> = new Map(
  groups.flatMap(([meaning, errors]) => errors.map((error) => [error, meaning] as const)),
);

/** Mattermost names the place that refused: `web.incoming_webhook.disabled.app_error`. */
const mattermost: readonly (readonly [RegExp, Meaning])[] = [
  [/disabled/, destination('webhook_disabled')],
  [/channel_locked|permission/, destination('posting_denied')],
  [/webhook\.(invalid|channel|user|team)\./, destination('webhook_gone')],
  [/split_props_length|too_long/, event('message_too_long')],
  [/\.(text|parse)\./, event('message_refused')],
];

const reply = z.object({
  ok: z.optional(z.boolean()),
  success: z.optional(z.boolean()),
  error: z.optional(z.string()),
  needed: z.optional(z.string()),
  id: z.optional(z.string()),
  message: z.optional(z.string()),
  response_metadata: z.optional(z.object({ messages: z.optional(z.array(z.string())) })),
});

/** A reply of Slack, or of a server like it: what its body says decides, then its status. A success that says nothing known is none. */
export function outcomeOf(answer: HttpReply, now: Date): Outcome {
  const { status, body, headers } = answer;
  const parsed = parseReply(reply, body);
  const isSuccess = status >= 200 && status < 300;
  if (isSuccess && (body.trim() === 'ok' || parsed?.ok === true || parsed?.success === true)) return delivered;
  // A webhook answers in plain text, of which the first word is the error.
  const error = parsed?.error ?? /^[a-z_]{5,}/.exec(body)?.[0] ?? '';
  const meaning = meanings.get(error) ?? meaningOfServer(parsed?.id ?? '', error);
  const more = [parsed?.needed && `needs ${parsed.needed}`, ...(parsed?.response_metadata?.messages ?? []).slice(0, 3)];
  const said = [parsed?.id, parsed?.error, ...more].filter(Boolean).join('; ');
  const detail = `HTTP ${status}${excerpt(said || body)}`;
  if (meaning) return outcomeAs(meaning, detail, retryAfterMs(headers['retry-after'], now.getTime()));
  const byStatus = classify(answer, now);
  if (byStatus.status === 'retry' && status === 429)
    return { ...byStatus, afterMs: byStatus.afterMs ?? THROTTLED_AFTER_MS };
  if (byStatus.status !== 'delivered') return byStatus;
  return parsed?.ok === false || parsed?.success === false
    ? retry('unknown_error', detail)
    : retry('unreadable_reply', detail);
}

/** Mattermost by the id of its error, Rocket.Chat by its text. */
function meaningOfServer(id: string, error: string): Meaning | undefined {
  if (/invalid integration id or token/i.test(error)) return destination('webhook_gone');
  return mattermost.find(([pattern]) => pattern.test(id))?.[1];
}

function outcomeAs({ status, code, afterMs: usual }: Meaning, detail: string, afterMs = usual): Outcome {
  switch (status) {
    case 'retry':
      return retry(code, detail, afterMs === undefined ? {} : { afterMs });
    case 'rejected':
      return rejected('destination', code, detail);
    case 'split':
      return split(code, detail);
  }
}

const OF_A_CHANNEL: ReadonlySet<string> = new Set([
  'channel_unknown',
  'not_in_channel',
  'channel_archived',
  'posting_denied',
]);

/** What was said of a channel where another one may do; undefined if it is not the channel that was refused. */
export function channelRefusal(outcome: Outcome): string | undefined {
  return outcome.status === 'rejected' && OF_A_CHANNEL.has(outcome.code) ? outcome.detail : undefined;
}
