import * as z from 'zod/mini';
import { alikeInChats } from '../../core/chat/groups.ts';
import { chatFields } from '../../core/chat/options.ts';
import { defineConfig, field, httpUrl, secret } from '../../core/contract/config.ts';
import { codes } from './codes.ts';

/** Scheme, host, and what leads to the id and token of a webhook, a version or none in it; not the URLs under it for messages of Slack's or GitHub's form. */
const WEBHOOK = /^https?:\/\/[^/]+(?:\/(?!(?:slack|github)\/?$)[\w-]+){4,5}\/?$/;

const snowflake = (what: string) => z.string().check(z.regex(/^\d{15,22}$/, `expected the id of ${what}, as text`));

const mention = () =>
  z
    .string()
    .check(
      z.regex(
        /^(here|everyone|&?\d{15,22})$/,
        'expected here, everyone, the id of a member, or & and the id of a role',
      ),
    );

export const config = defineConfig({
  type: 'discord',
  title: 'Discord',
  chat: true,
  alike: alikeInChats,
  options: z.strictObject({
    ...chatFields,
    threadId: field(
      z.optional(snowflake('a thread')),
      'A thread of the channel, or a post of a forum, for all messages. A forum needs one.',
      '1234567890123456789',
    ),
    mentions: field(
      z._default(z.array(mention()).check(z.maxLength(20)), []),
      'Who is mentioned in critical messages: ids of members, ids of roles after &, here, everyone.',
      ['&1234567890123456789'],
    ),
  }),
  secrets: z.strictObject({
    webhookUrl: field(
      secret(
        httpUrl().check(
          z.regex(
            WEBHOOK,
            'expected the URL of a webhook, https://discord.com/api/webhooks/ID/TOKEN, with nothing after it',
          ),
        ),
      ),
      'The URL of the webhook.',
      'https://discord.com/api/webhooks/1234567890123456789/AbCd-4f1d9e0c7b6a',
    ),
  }),
  codes,
});
