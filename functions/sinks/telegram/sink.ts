import { defineSink } from '../../core/contract/sink.ts';
import { fingerprint } from '../../core/kit/fingerprint.ts';
import { toJson } from '../../core/kit/json.ts';
import { config } from './config.ts';
import { telegramMessage } from './message.ts';
import { outcomeOf } from './reply.ts';

/** The topic that every group with topics has. A message to it names none: Telegram finds no thread of this number. */
const GENERAL = 1;

/** A message of a bot for each batch. What is no more than information comes without a sound. */
export const sink = defineSink({
  config,
  // Of a group; other chats take more, which nobody reads.
  pace({ chatId }, { botToken }) {
    const hash = fingerprint(`${botToken.reveal()} ${chatId}`);
    return { key: `telegram:${hash}`, perMinute: 20 };
  },
  render(events, options) {
    return events.length === 0 ? [] : [{ events, payload: telegramMessage(events, options) }];
  },
  async send({ payload: { text, links, isQuiet } }, _client, { http, now, options, secrets, conceal }) {
    const { chatId, topicId, endpoint } = options;
    const token = secrets.botToken.reveal();
    // Its second half is the secret, and may be repeated without the first.
    conceal(token.slice(token.indexOf(':') + 1));
    const reply = await http({
      method: 'POST',
      url: `${endpoint.replace(/\/+$/, '')}/bot${token}/sendMessage`,
      headers: { 'Content-Type': 'application/json' },
      body: toJson({
        chat_id: String(chatId),
        ...(topicId !== undefined && topicId !== GENERAL && { message_thread_id: topicId }),
        text,
        parse_mode: 'HTML',
        link_preview_options: { is_disabled: true },
        ...(isQuiet && { disable_notification: true }),
        ...(links.length > 0 && {
          reply_markup: { inline_keyboard: links.map(({ title, url }) => [{ text: title, url }]) },
        }),
      }),
    });
    return outcomeOf(reply, now());
  },
});
