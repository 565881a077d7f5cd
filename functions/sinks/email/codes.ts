import type { Codes } from '../../core/contract/config.ts';

/** What Amazon SES may say. Source: Amazon SES API v2, SendEmail, "Errors"; for `ThrottlingException` "Maximum sending rate exceeded". */
export const codes = {
  throttled: {
    status: 'retry',
    meaning: 'The account sent faster than Amazon SES lets it.',
    advice: 'Nothing, if rare. Else narrow the filter, or ask for a higher sending rate.',
  },
  daily_quota: {
    status: 'retry',
    meaning: 'The account has sent all mails that its quota of 24 hours has.',
    advice: 'Narrow the filter, or ask for a higher sending quota; in the sandbox it is 200 mails a day.',
  },
  sender_not_verified: {
    status: 'rejected',
    meaning: 'The sender, or in the sandbox a receiver, is not verified in this region.',
    advice:
      'Verify the address or its domain in the region of `region`, leave the sandbox for other receivers, then replay.',
  },
  sending_paused: {
    status: 'rejected',
    meaning: 'Amazon SES has paused or suspended sending of this account or configuration set.',
    advice: 'See the account dashboard of Amazon SES; once it sends again, replay.',
  },
  configuration_set_not_found: {
    status: 'rejected',
    meaning: 'There is no such configuration set in this region.',
    advice: 'Correct `configurationSet` or `region`, then replay.',
  },
  address_refused: {
    status: 'rejected',
    meaning: 'Amazon SES does not accept one of the addresses.',
    advice: 'Correct `from`, `to` or `replyTo`: the detail names it. Then replay.',
  },
  message_refused: {
    status: 'rejected',
    meaning: 'Amazon SES did not accept the mail.',
    advice: 'Look at the event; report it to this project with the detail.',
  },
  not_allowed: {
    status: 'rejected',
    meaning: "The function's role may not send as this sender, or its signature was refused.",
    advice:
      'Name the ARN of the identity, and of the configuration set, in the setting `sinks.email.targets`, deploy, then replay.',
  },
  credentials_expired: {
    status: 'retry',
    meaning: "The function's credentials expired on the way, or its clock is wrong.",
    advice: 'Nothing: the next attempt has new ones.',
  },
} as const satisfies Codes;
