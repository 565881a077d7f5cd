import * as z from 'zod/mini';
import { alikeInChats } from '../../core/chat/groups.ts';
import { chatFields } from '../../core/chat/options.ts';
import { defineConfig, field, httpUrl, secret } from '../../core/contract/config.ts';
import { codes } from './codes.ts';

/** A webhook's address, which names its space. */
export const WEBHOOK = /^https?:\/\/[^/]+\/\w+\/\w+\/([\w-]+)\/\w+\?(?=.*\bkey=[^&])(?=.*\btoken=[^&])/;

const userId = () => z.string().check(z.regex(/^(all|\d{5,30})$/, 'expected the number of a user, or all'));

export const config = defineConfig({
  type: 'googlechat',
  title: 'Google Chat',
  chat: true,
  alike: alikeInChats,
  options: z.strictObject({
    ...chatFields,
    threads: field(
      z._default(z.boolean(), false),
      'Whether messages of one owner and reason go into one thread. Who does not follow the thread is not told of its further messages.',
      true,
    ),
    mentions: field(
      z._default(z.array(userId()).check(z.maxLength(20)), []),
      'Who is mentioned in critical messages: numbers of users (users/NUMBER in the API), or all.',
      ['all'],
    ),
  }),
  secrets: z.strictObject({
    webhookUrl: field(
      secret(
        httpUrl().check(
          z.regex(
            WEBHOOK,
            'expected the URL of a webhook, https://chat.googleapis.com/v1/spaces/.../messages?key=...&token=...',
          ),
        ),
      ),
      'The URL of the webhook, with its key and token.',
      'https://chat.googleapis.com/v1/spaces/AAAAbcdEF/messages?key=AIza-key&token=Zx81-webhook-token',
    ),
  }),
  codes,
});
