import * as z from 'zod/mini';
import { alikeInChats } from '../../core/chat/groups.ts';
import { chatFields } from '../../core/chat/options.ts';
import { defineConfig, field, httpUrl, secret } from '../../core/contract/config.ts';
import { endpointUrl } from '../../core/kit/endpoint.ts';
import { templateText } from '../../core/kit/template.ts';
import { codes } from './codes.ts';
import { CHANNEL } from './message.ts';

const channelName = () => z.string().check(z.regex(CHANNEL, 'expected the id or the name of a channel'));

const webhookUrl = () =>
  httpUrl().check(
    z.refine(
      (url) => !/^https:\/\/hooks\.slack(-gov)?\.com\/(triggers|workflows)\//i.test(url),
      'is the trigger of a workflow, which takes no messages: expected the URL of an incoming webhook, https://hooks.slack.com/services/...',
    ),
  );

const botToken = () =>
  z
    .string()
    .check(z.regex(/^xox[a-z][.-]\S+$/, 'expected the Bot User OAuth Token of the app, which begins with xoxb-'));

/** The ids of persons, groups and everybody in Slack. */
const SLACK_MENTION = /^(?:here|channel|everyone|[SUW][A-Z0-9]{5,20})$/;

export const config = defineConfig({
  type: 'slack',
  title: 'Slack (Mattermost, Rocket.Chat)',
  titleZh: 'Slack（兼容 Mattermost、Rocket.Chat）',
  chat: true,
  alike: alikeInChats,
  options: z
    .strictObject({
      ...chatFields,
      channel: field(
        z.optional(templateText()),
        'For a bot: the id (better) or name of the channel. May hold ${ ... } expressions over the event. Without it, messages go to the webhook.',
        '${ event.namespace.annotations["slack/channel"] }',
      ),
      fallbackChannel: field(
        z.optional(channelName()),
        'For a bot: where messages go for which `channel` gives no channel, or one that Slack refuses.',
        'C0123456789',
      ),
      format: field(
        z._default(z.enum(['blocks', 'attachments']), 'blocks'),
        'blocks for Slack; attachments for servers that take its webhooks but not its blocks, such as Mattermost and Rocket.Chat.',
        'attachments',
      ),
      mentions: field(
        z._default(
          z
            .array(z.string().check(z.regex(/^[\w.-]{1,64}$/, 'expected an id or name without @')))
            .check(z.maxLength(20)),
          [],
        ),
        'Who is mentioned in critical messages: ids of members (U...) and groups (S...), here, channel, everyone. With format attachments: names.',
        ['S0123456789', 'here'],
      ),
      endpoint: field(
        z._default(endpointUrl(), 'https://slack.com/api'),
        'For a bot: where the API is.',
        'https://slack-gov.com/api',
      ),
    })
    .check(
      z.superRefine(({ channel, fallbackChannel, format, mentions }, issues) => {
        const add = (path: (string | number)[], message: string) =>
          issues.addIssue({ code: 'custom', path, message, input: undefined });
        if (channel?.includes('${') && fallbackChannel === undefined)
          add(['fallbackChannel'], 'is missing: a template may give no channel, or one that does not exist');
        if (channel !== undefined && !channel.includes('${') && !CHANNEL.test(channel))
          add(['channel'], 'expected the id or the name of a channel');
        if (channel === undefined && fallbackChannel !== undefined)
          add(['fallbackChannel'], 'has no meaning without channel');
        if (format === 'blocks')
          for (const [index, id] of mentions.entries())
            if (!SLACK_MENTION.test(id))
              add(['mentions', index], 'expected an id (U0123456789, S0123456789), here, channel or everyone');
      }),
    ),
  secrets: z
    .strictObject({
      webhookUrl: field(
        z.optional(secret(webhookUrl())),
        'The URL of the incoming webhook.',
        'https://hooks.slack.com/services/T.../B.../...',
      ),
      botToken: field(
        z.optional(secret(botToken())),
        'The Bot User OAuth Token, for a destination with a channel.',
        'xoxb-...',
      ),
    })
    .check(
      z.refine(
        ({ webhookUrl: url, botToken: token }) => (url === undefined) !== (token === undefined),
        'expected either webhookUrl, or botToken with the option channel',
      ),
    ),
  codes,
});
