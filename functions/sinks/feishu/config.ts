import * as z from 'zod/mini';
import { alikeInChats } from '../../core/chat/groups.ts';
import { chatFields } from '../../core/chat/options.ts';
import { defineConfig, field, httpUrl, secret } from '../../core/contract/config.ts';

const FORM = 'https://open.feishu.cn/open-apis/bot/v2/hook/... or https://open.larksuite.com/open-apis/bot/v2/hook/...';

const unusable: readonly (readonly [RegExp, string])[] = [
  [
    /\/open-apis\/bot\/hook\//i,
    `is the URL of a robot of the first version, which takes no cards: add a custom bot to the group, and take its URL, ${FORM}`,
  ],
  [
    /\/flow\/api\/trigger-webhook\//i,
    `is the trigger of a flow, which takes no messages: add a custom bot to the group, and take its URL, ${FORM}`,
  ],
];

const webhookUrl = () =>
  httpUrl().check(
    z.superRefine((url, issues) => {
      for (const [pattern, message] of unusable) if (pattern.test(url)) issues.addIssue(message);
    }),
  );

export const config = defineConfig({
  type: 'feishu',
  title: 'Feishu and Lark',
  titleZh: '飞书群机器人（Lark）',
  chat: true,
  alike: alikeInChats,
  options: z.strictObject({
    ...chatFields,
    keywords: field(
      z._default(z.array(z.string().check(z.minLength(1), z.maxLength(100))).check(z.maxLength(10)), []),
      "The bot's custom keywords, if it has any: where the title of a message contains none of them, the first is added.",
      ['alert'],
    ),
    mentions: field(
      z._default(
        z
          .array(
            z.string().check(z.regex(/^[\w-]{1,64}$/, 'expected an open_id (ou_...), a user_id, or all for everybody')),
          )
          .check(z.maxLength(20)),
        [],
      ),
      'Who is mentioned in critical messages: open_ids (ou_...) or user_ids of group members, or all. A group that forbids to mention everybody refuses the whole message.',
      ['ou_8a4b0c1d2e3f'],
    ),
  }),
  secrets: z.strictObject({
    webhookUrl: field(
      secret(webhookUrl()),
      'The webhook URL of the custom bot, whole.',
      'https://open.feishu.cn/open-apis/bot/v2/hook/...',
    ),
    signSecret: field(
      z.optional(secret()),
      'The secret of a bot whose security setting is signature verification.',
      '8a4b...',
    ),
  }),
  codes: {
    throttled: {
      status: 'retry',
      meaning: 'The bot sent more than 100 messages in a minute or 5 in a second, or Feishu itself is busy.',
      advice: 'Nothing, if rare: it is frequent at full and half hours. Else narrow the filter.',
    },
    unknown_code: {
      status: 'retry',
      meaning: 'Feishu refused with a code that its documentation does not name.',
      advice: 'Look the code up in the detail; report it to this project.',
    },
    unreadable_reply: {
      status: 'retry',
      meaning: 'The reply was not the JSON that Feishu documents.',
      advice: 'Check that `webhookUrl` leads to Feishu or Lark itself and not to a proxy or a login page.',
    },
    sign_mismatch: {
      status: 'rejected',
      meaning: 'The bot wants signed messages, and the secret is missing or wrong, or the clock is off by an hour.',
      advice: 'Put the secret from the security settings of the bot into the secret `signSecret`, then replay.',
    },
    ip_not_allowed: {
      status: 'rejected',
      meaning: 'The bot accepts messages from listed addresses only.',
      advice:
        'Send through a fixed address (a NAT gateway) and list it, or let the bot use signature verification instead; then replay.',
    },
    keyword_missing: {
      status: 'rejected',
      meaning: 'The message contains none of the keywords of the bot.',
      advice: 'Name one of them in `keywords`, then replay.',
    },
    webhook_unknown: {
      status: 'rejected',
      meaning: 'There is no bot with this webhook URL.',
      advice: 'Put the webhook URL of the bot into the secret `webhookUrl`, then replay.',
    },
    bot_disabled: {
      status: 'rejected',
      meaning: 'The bot is disabled.',
      advice: 'Enable it, or add one to a group and set its URL; then replay.',
    },
    request_invalid: {
      status: 'rejected',
      meaning: 'Feishu did not accept the form or the size of the request.',
      advice: 'Shorten labels and links if they are long; report it to this project with the detail.',
    },
    card_refused: {
      status: 'rejected',
      meaning: 'Feishu did not accept the content of the card.',
      advice:
        'If `mentions` holds all, let the group allow to mention everybody, then replay. Else report it to this project with the detail.',
    },
  },
});
