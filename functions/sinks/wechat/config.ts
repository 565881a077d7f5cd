import * as z from 'zod/mini';
import { errcodeCodes } from '../../core/chat/errcode.ts';
import { alikeInChats } from '../../core/chat/groups.ts';
import { chatFields } from '../../core/chat/options.ts';
import { defineConfig, field, secret } from '../../core/contract/config.ts';
import { endpointUrl } from '../../core/kit/endpoint.ts';
import { codes } from './errcode.ts';

const userId = () => z.string().check(z.regex(/^[\w.@-]{1,64}$/, 'expected a WeCom user id or @all'));

/** Whole webhook URLs get pasted here; the key is a part of them. */
const robotKey = () =>
  z.string().check(z.regex(/^[^\s/?=&]+$/, 'expected the key alone: what follows key= in the webhook URL'));

/** What the mode `app` cannot do without. */
const neededByApp = ['corpId', 'agentId'] as const;

export const config = defineConfig({
  type: 'wechat',
  title: 'WeCom (WeChat Work)',
  titleZh: '企业微信：应用消息或群机器人',
  chat: true,
  alike: alikeInChats,
  options: z
    .strictObject({
      ...chatFields,
      mode: field(
        z._default(z.enum(['app', 'robot']), 'app'),
        "app: messages of an application to members; robot: messages of a group's robot.",
        'robot',
      ),
      msgType: field(
        z.optional(z.enum(['text', 'markdown'])),
        'text or markdown, which WeChat itself does not render. By default text for app, markdown for robot.',
        'markdown',
      ),
      corpId: field(z.optional(z.string().check(z.minLength(1))), 'app: the id of the company.', 'ww1a2b3c4d5e6f7890'),
      agentId: field(z.optional(z.int().check(z.minimum(0))), 'app: the id of the application.', 1_000_002),
      toUser: field(
        z._default(z.array(userId()).check(z.minLength(1), z.maxLength(1000)), ['@all']),
        'app: the user ids of the receivers; @all is everybody who can see the application.',
        ['zhangsan', 'lisi'],
      ),
      mentionUsers: field(
        z._default(z.array(userId()).check(z.maxLength(20)), []),
        'robot: user ids of group members who are mentioned in critical messages; @all works with msgType text only.',
        ['zhangsan'],
      ),
      endpoint: field(
        z._default(endpointUrl(), 'https://qyapi.weixin.qq.com'),
        'Where the API is.',
        'https://qyapi.weixin.qq.com',
      ),
    })
    .check(
      z.superRefine((options, issues) => {
        if (options.mode !== 'app') return;
        for (const name of neededByApp) {
          if (options[name] === undefined) {
            issues.addIssue({
              code: 'custom',
              path: [name],
              message: 'is missing: mode app needs it',
              input: undefined,
            });
          }
        }
      }),
    ),
  secrets: z
    .strictObject({
      corpSecret: field(z.optional(secret()), 'app: the secret of the application.', 'b7c9...'),
      robotKey: field(
        z.optional(secret(robotKey())),
        'robot: what follows key= in the webhook URL of the robot.',
        '693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa',
      ),
    })
    .check(
      z.refine(
        ({ corpSecret, robotKey: key }) => corpSecret !== undefined || key !== undefined,
        'expected corpSecret (mode app) or robotKey (mode robot)',
      ),
    ),
  codes: { ...errcodeCodes, ...codes },
});
