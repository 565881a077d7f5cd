import type { Codes } from '../../core/contract/config.ts';

/** What the Bot API may say. Source: its documentation ("Making requests", "ResponseParameters") and the telegram-bot-api server's source. */
export const codes = {
  throttled: {
    status: 'retry',
    meaning: 'The bot sent faster than the chat takes: 20 messages a minute in a group, one a second in other chats.',
    advice: 'Nothing, if rare. Else narrow the filter.',
  },
  token_invalid: {
    status: 'rejected',
    meaning: 'The token of the bot is unknown or was revoked.',
    advice: 'Put the token that BotFather shows into the secret `botToken`, then replay.',
  },
  bot_removed: {
    status: 'rejected',
    meaning: 'The bot is no member of the chat, was removed or blocked, or the chat was deleted.',
    advice: 'Add the bot to the chat again, then replay.',
  },
  chat_moved: {
    status: 'rejected',
    meaning: 'The group became a supergroup, which has another number.',
    advice: 'Put the number in the detail into `chatId`, then replay.',
  },
  chat_invalid: {
    status: 'rejected',
    meaning: 'There is no such chat or topic, or the bot may not write there.',
    advice: 'Correct `chatId` and `topicId`, and let the bot write there; then replay.',
  },
  message_refused: {
    status: 'rejected',
    meaning: 'Telegram did not accept the message.',
    advice: 'Look at the event; report it to this project with the detail.',
  },
  unknown_error: {
    status: 'retry',
    meaning: 'Telegram answered something that its documentation does not name.',
    advice: 'Check that `endpoint` leads to the Bot API. Else report it to this project.',
  },
} as const satisfies Codes;
