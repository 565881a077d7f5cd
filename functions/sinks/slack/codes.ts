import type { Codes } from '../../core/contract/config.ts';

/** The rows of the failure table. Which error of Slack has which code is in `errors.ts`. */
export const codes: Codes = {
  secret_missing: {
    status: 'retry',
    meaning: 'The secret that the destination needs is not there.',
    advice: 'Set `botToken` where there is a `channel`, else `webhookUrl`.',
  },
  throttled: {
    status: 'retry',
    meaning: 'More than a message a second went to a channel, or the workspace has reached a limit.',
    advice: 'Nothing, if rare. Else narrow the filter, or find out who else posts there.',
  },
  slack_failed: {
    status: 'retry',
    meaning: 'Slack says that it failed. It may have posted the message all the same.',
    advice: 'Nothing: it is tried again. If it lasts, see https://slack-status.com.',
  },
  workspace_moving: {
    status: 'retry',
    meaning: 'The workspace or the channel is being moved to another organization.',
    advice: 'Nothing: it is tried again every 15 minutes. Once it has ended, the app may have to be installed anew.',
  },
  unknown_error: {
    status: 'retry',
    meaning: 'The service refused with an error that its documentation does not name.',
    advice: 'Look it up in the detail; report it to this project.',
  },
  unreadable_reply: {
    status: 'retry',
    meaning: 'The reply is none that Slack gives.',
    advice: 'Check that `webhookUrl` or `endpoint` leads to the service itself and not to a proxy or a login page.',
  },
  token_refused: {
    status: 'rejected',
    meaning: 'The token of the bot is wrong, expired or revoked.',
    advice: 'Put the Bot User OAuth Token of the installed app into the secret `botToken`, then replay.',
  },
  permission_missing: {
    status: 'rejected',
    meaning: 'The app lacks a scope (the detail names it), or an administrator keeps it out.',
    advice: 'Give it `chat:write` (`chat:write.public` for channels it is not in), install it anew, then replay.',
  },
  method_unknown: {
    status: 'rejected',
    meaning: 'What `endpoint` leads to has no chat.postMessage, or no longer.',
    advice:
      'Correct `endpoint`, and leave it out for Slack itself; then replay. If it is right, report it to this project.',
  },
  channel_unknown: {
    status: 'rejected',
    meaning: 'There is no such channel, or it is private and the bot is not in it.',
    advice: 'Correct `channel` (an id is surest), or invite the bot (`/invite @name`); then replay.',
  },
  not_in_channel: {
    status: 'rejected',
    meaning: 'The bot is not in the channel.',
    advice: 'Invite it (`/invite @name`), or give the app `chat:write.public`; then replay.',
  },
  channel_archived: {
    status: 'rejected',
    meaning: 'The channel is archived.',
    advice: 'Unarchive it, or name another one; then replay.',
  },
  posting_denied: {
    status: 'rejected',
    meaning: 'A setting of the workspace or the channel keeps the app from posting there.',
    advice: 'Let it post there (channel settings, posting permissions), or name another channel; then replay.',
  },
  webhook_gone: {
    status: 'rejected',
    meaning: 'The webhook was removed, its app uninstalled, or its URL is wrong.',
    advice: 'Add a webhook and put its URL into the secret `webhookUrl`, then replay.',
  },
  webhook_disabled: {
    status: 'rejected',
    meaning: 'The server has incoming webhooks turned off.',
    advice: 'Turn them on in its system console, then replay.',
  },
  message_refused: {
    status: 'rejected',
    meaning: 'The service did not accept the form of the message.',
    advice: 'Servers other than Slack need `"format": "attachments"`. Else report it to this project with the detail.',
  },
  message_too_long: {
    status: 'rejected',
    meaning: 'The service found the message too long, although it was kept below the limits that are known.',
    advice: 'Shorten the labels and links; report it to this project with the detail.',
  },
};
