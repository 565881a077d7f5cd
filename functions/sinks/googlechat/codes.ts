import type { Codes } from '../../core/contract/config.ts';

/** What Google Chat may say. Source: Google Chat API, "Message", and `google.rpc.Code`. */
export const codes = {
  throttled: {
    status: 'retry',
    meaning: 'The space got more than 60 messages in a minute, of all apps together, or more than webhooks may send.',
    advice: 'Nothing, if rare. Else narrow the filter.',
  },
  webhook_invalid: {
    status: 'rejected',
    meaning: 'The key or token of the webhook is not valid.',
    advice: 'Copy the URL of the webhook into the secret `webhookUrl` again, then replay.',
  },
  webhook_gone: {
    status: 'rejected',
    meaning: 'The webhook or its space was deleted, or an administrator has switched webhooks off.',
    advice: 'Make a webhook in a space, put its URL into the secret `webhookUrl`, then replay.',
  },
  message_refused: {
    status: 'rejected',
    meaning: 'Google Chat did not accept the message.',
    advice: 'Look at the event; report it to this project with the detail.',
  },
  unreadable_reply: {
    status: 'retry',
    meaning: 'The reply is none of Google Chat.',
    advice: 'Check that `webhookUrl` leads to Google Chat itself, and not to a proxy or a login page.',
  },
  service_failed: {
    status: 'retry',
    meaning: 'Google Chat failed.',
    advice: 'Nothing: it is tried again.',
  },
} as const satisfies Codes;
