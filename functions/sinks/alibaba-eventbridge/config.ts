import * as z from 'zod/mini';
import { defineConfig, field, secret } from '../../core/contract/config.ts';
import { endpointUrl } from '../../core/kit/endpoint.ts';

const options = z.strictObject({
  accountId: field(
    z.string().check(z.regex(/^\d+$/, 'expected the number of an Alibaba Cloud account')),
    'The number of the Alibaba Cloud account that owns the event bus: part of its address.',
    '1234567890123456',
  ),
  region: field(
    z.string().check(z.regex(/^[a-z0-9][a-z0-9-]*$/, 'expected a region such as cn-hangzhou')),
    'The region of the event bus.',
    'cn-hangzhou',
  ),
  eventBus: field(z._default(z.string().check(z.minLength(1)), 'default'), 'The event bus.', 'kubernetes'),
  clusterId: field(
    z.optional(z.string().check(z.minLength(1))),
    "The cluster's id in the subject of events. By default the relay's name of the cluster.",
    'c82e6987e2961451182edacd74faf7d54',
  ),
  source: field(
    z._default(z.string().check(z.minLength(1), z.maxLength(128)), 'acs.cs'),
    'The source of events, which rules match; the default is that of kube-eventer.',
    'my-company.kubernetes',
  ),
  internal: field(
    z._default(z.boolean(), false),
    "Uses the address inside Alibaba Cloud's network, which functions on AWS cannot reach.",
    true,
  ),
  endpoint: field(
    z.optional(endpointUrl()),
    'The address, where it is neither the public nor the internal one.',
    'https://1234567890123456.eventbridge.cn-hangzhou.aliyuncs.com',
  ),
});

export type EventbridgeOptions = z.infer<typeof options>;

export const config = defineConfig({
  type: 'alibaba-eventbridge',
  title: 'Alibaba Cloud EventBridge',
  titleZh: '阿里云事件总线 EventBridge',
  chat: false,
  options,
  secrets: z.strictObject({
    accessKeyId: field(
      secret(),
      'AccessKey ID of a RAM user or STS session that may eventbridge:PutEvents. May stand in the plain document.',
      'LTAI5tExampleExample',
    ),
    accessKeySecret: field(secret(), 'AccessKey secret.', 'a-secret-of-thirty-characters.'),
    securityToken: field(z.optional(secret()), 'STS token, for temporary credentials.', 'CAISexample'),
  }),
  plainSecrets: ['accessKeyId'],
  runtime: { windowSeconds: 1 },
  codes: {
    wrong_credentials: {
      status: 'rejected',
      meaning: 'The AccessKey does not exist, its secret is wrong, or the STS token is not valid.',
      advice: 'Put a valid AccessKey into the secret document.',
    },
    token_expired: {
      status: 'rejected',
      meaning: 'The STS token has expired.',
      advice: 'Write fresh temporary credentials into the secret document in time, or use a RAM user.',
    },
    forbidden: {
      status: 'rejected',
      meaning: 'The AccessKey is valid but may not put events, or EventBridge is not activated for the account.',
      advice: 'Allow eventbridge:PutEvents on the bus in a RAM policy; activate the service.',
    },
    account_not_found: {
      status: 'rejected',
      meaning: 'The account does not exist.',
      advice: 'Correct the option accountId.',
    },
    bus_not_found: {
      status: 'rejected',
      meaning: 'The event bus does not exist in that account and region.',
      advice: 'Create it or correct the options eventBus and region.',
    },
    event_rejected: {
      status: 'rejected',
      meaning: 'EventBridge refused the event; the detail says why.',
      advice: 'Read the detail.',
    },
    throttled: {
      status: 'retry',
      meaning: 'There were too many requests.',
      advice: 'Nothing, unless it lasts: then have the quota raised.',
    },
    entry_failed: {
      status: 'retry',
      meaning: 'EventBridge could not take this event; others of its batch may be there.',
      advice: 'Nothing, unless it lasts.',
    },
    unexpected_reply: {
      status: 'retry',
      meaning: 'The reply is not that of PutEvents.',
      advice: 'Check the option endpoint.',
    },
  },
});
