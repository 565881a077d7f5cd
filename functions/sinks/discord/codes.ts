import type { Codes } from '../../core/contract/config.ts';

/** What Discord may say. Source: Discord developer documentation, "Opcodes and Status Codes" (JSON error codes) and "Rate Limits". */
export const codes = {
  throttled: {
    status: 'retry',
    meaning: 'The webhook, the channel or the whole of Discord takes no more messages now.',
    advice: 'Nothing, if rare. Else narrow the filter: a channel takes 30 messages a minute of all its webhooks.',
  },
  blocked: {
    status: 'retry',
    meaning: "Cloudflare, before Discord, refuses this function's address for a while.",
    advice:
      'Nothing, if rare: the address is shared with others. If it lasts, let the function have an address of its own (a VPC with a NAT gateway).',
  },
  webhook_gone: {
    status: 'rejected',
    meaning: 'The webhook or its channel was deleted, or its token is wrong.',
    advice: 'Make a webhook in the channel, put its URL into the secret `webhookUrl`, then replay.',
  },
  not_allowed: {
    status: 'rejected',
    meaning: 'The webhook may not write there.',
    advice: 'Look at the permissions of the channel or thread, then replay.',
  },
  thread_invalid: {
    status: 'rejected',
    meaning: 'The channel is a forum and needs a thread, or the thread does not exist, is locked or archived.',
    advice: 'Put the id of an open thread of this channel into `threadId`, or remove it, then replay.',
  },
  message_refused: {
    status: 'rejected',
    meaning: 'Discord did not accept the message.',
    advice: 'Look at the event; report it to this project with the detail.',
  },
  service_failed: {
    status: 'retry',
    meaning: 'Discord has no room for the message now.',
    advice: 'Nothing: it is tried again.',
  },
  unknown_error: {
    status: 'retry',
    meaning: 'Discord answered something that its documentation does not name.',
    advice: 'Look it up in the detail; report it to this project.',
  },
} as const satisfies Codes;
