import * as z from 'zod/mini';
import { errcodeCodes } from '../../core/chat/errcode.ts';
import { alikeInChats } from '../../core/chat/groups.ts';
import { chatFields } from '../../core/chat/options.ts';
import { defineConfig, field, secret } from '../../core/contract/config.ts';
import { endpointUrl } from '../../core/kit/endpoint.ts';

const word = () => z.string().check(z.minLength(1), z.maxLength(100));

const userId = () => z.string().check(z.regex(/^[\w.@$:-]{1,64}$/, 'expected a DingTalk user id'));

/** Whole webhook URLs get pasted here; the token is a part of them. */
const token = () =>
  z.string().check(z.regex(/^[^\s/?=&]+$/, 'expected the token alone: what follows access_token= in the webhook URL'));

export const config = defineConfig({
  type: 'dingtalk',
  title: 'DingTalk',
  titleZh: '钉钉群机器人',
  chat: true,
  alike: alikeInChats,
  options: z.strictObject({
    ...chatFields,
    msgType: field(
      z._default(z.enum(['markdown', 'text', 'actionCard']), 'markdown'),
      'markdown, text (no markup), or actionCard (as markdown, with the links as buttons where there are any).',
      'text',
    ),
    keywords: field(
      z._default(z.array(word()).check(z.maxLength(10)), []),
      "The robot's custom keywords, if it has any: where a message contains none of them, the first is added.",
      ['alert'],
    ),
    atMobiles: field(
      z._default(
        z.array(z.string().check(z.regex(/^\+?[\d-]{5,20}$/, 'expected a phone number'))).check(z.maxLength(20)),
        [],
      ),
      'Phone numbers of group members who are mentioned in critical messages.',
      ['13800000000'],
    ),
    atUserIds: field(
      z._default(z.array(userId()).check(z.maxLength(20)), []),
      'User ids of group members who are mentioned in critical messages.',
      ['manager01'],
    ),
    atAll: field(z._default(z.boolean(), false), 'Whether critical messages mention everybody in the group.', true),
    endpoint: field(
      z._default(endpointUrl(), 'https://oapi.dingtalk.com'),
      'Where the API is; with a path, the whole address to post to, without its query.',
      'https://oapi.dingtalk.com',
    ),
  }),
  secrets: z.strictObject({
    accessToken: field(secret(token()), 'What follows access_token= in the webhook URL of the robot.', '4f1d...'),
    signSecret: field(z.optional(secret()), 'The secret of a robot whose security setting is signing.', 'SEC8a4b...'),
  }),
  codes: {
    ...errcodeCodes,
    throttled: {
      status: 'retry',
      meaning: 'The robot sent more than 20 messages in a minute; DingTalk then refuses for up to ten minutes.',
      advice: 'Nothing, if rare. Else narrow the filter, or find out who else uses this robot.',
    },
    system_busy: {
      status: 'retry',
      meaning: 'DingTalk says that it is busy.',
      advice: 'Nothing: it is tried again.',
    },
    timestamp_invalid: {
      status: 'retry',
      meaning: 'The signature is older than an hour, or the clock is wrong. Every attempt is signed anew.',
      advice: 'If it persists, correct the clock of the machine.',
    },
    token_invalid: {
      status: 'rejected',
      meaning: 'The access token is wrong.',
      advice: 'Put the access_token of the webhook URL into the secret `accessToken`, then replay.',
    },
    sign_mismatch: {
      status: 'rejected',
      meaning: 'The robot wants signed messages, and the secret is missing or wrong.',
      advice: 'Put the secret from the security settings of the robot into the secret `signSecret`, then replay.',
    },
    keyword_missing: {
      status: 'rejected',
      meaning: 'The message contains none of the keywords of the robot.',
      advice: 'Name one of them in `keywords`, then replay.',
    },
    ip_not_allowed: {
      status: 'rejected',
      meaning: 'The robot accepts messages from listed addresses only.',
      advice:
        'Send through a fixed address (a NAT gateway) and list it, or let the robot use signing instead; then replay.',
    },
    security_refused: {
      status: 'rejected',
      meaning: 'A security setting of the robot refused the message; the detail names it.',
      advice: 'Compare the security settings of the robot with `keywords` and `signSecret`, then replay.',
    },
    robot_unavailable: {
      status: 'rejected',
      meaning: 'The robot is disabled or removed, or its group is dissolved.',
      advice: 'Add a robot to a group and set its token, or disable this destination.',
    },
    content_blocked: {
      status: 'rejected',
      meaning: 'The content moderation of DingTalk refused a link, text or image.',
      advice: 'Look at the event; remove a link template that is refused each time.',
    },
    message_too_long: {
      status: 'rejected',
      meaning: 'The message exceeds 20,000 bytes.',
      advice: 'Shorten the labels and links; report it to this project if they are short.',
    },
    request_invalid: {
      status: 'rejected',
      meaning: 'DingTalk did not accept the form of the request.',
      advice: 'Check that `endpoint` is the API of DingTalk; report it to this project with the detail.',
    },
  },
});
