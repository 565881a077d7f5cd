import * as z from 'zod/mini';
import { alikeInChats } from '../../core/chat/groups.ts';
import { chatFields } from '../../core/chat/options.ts';
import { defineConfig, field, secret } from '../../core/contract/config.ts';
import { endpointUrl } from '../../core/kit/endpoint.ts';
import { codes } from './codes.ts';

const botToken = () =>
  z.string().check(z.regex(/^\d+:[\w-]+$/, 'expected the token that BotFather gave, NUMBER:LETTERS'));

export const config = defineConfig({
  type: 'telegram',
  title: 'Telegram',
  chat: true,
  alike: alikeInChats,
  options: z.strictObject({
    ...chatFields,
    chatId: field(
      z.union([
        z
          .string()
          .check(
            z.regex(
              /^(-?\d{1,20}|@[A-Za-z]\w{3,31})$/,
              'expected the number of the chat (of a group it begins with -), or @channelname',
            ),
          ),
        z.int(),
      ]),
      'The chat: its number, which of a group begins with -, or a public channel as @channelname.',
      '-1001234567890',
    ),
    topicId: field(
      z.optional(z.int().check(z.minimum(1))),
      'The topic of a group with topics: the first number of a link to one of its messages, after that of the group.',
      42,
    ),
    mentions: field(
      z._default(
        z
          .array(z.string().check(z.regex(/^[A-Za-z]\w{3,31}$/, 'expected a username without @')))
          .check(z.maxLength(20)),
        [],
      ),
      'The usernames of members who are mentioned in critical messages.',
      ['alice_example'],
    ),
    endpoint: field(
      z._default(endpointUrl(), 'https://api.telegram.org'),
      'Where the Bot API is.',
      'https://telegram-bot-api.example.com',
    ),
  }),
  secrets: z.strictObject({
    botToken: field(secret(botToken()), 'The token of the bot.', '123456789:AAE-4f1d9e0c7b6a'),
  }),
  codes,
});
