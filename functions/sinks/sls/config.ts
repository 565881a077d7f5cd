import * as z from 'zod/mini';
import { defineConfig, field, secret } from '../../core/contract/config.ts';
import { endpointUrl } from '../../core/kit/endpoint.ts';

/** Project and region are parts of a host name. */
const hostLabel = () =>
  z.string().check(z.regex(/^[a-z0-9][a-z0-9-]*$/, 'expected lower-case letters, digits and dashes'));

const options = z.strictObject({
  project: field(hostLabel(), 'The project.', 'k8s-log-prod'),
  logstore: field(z.string().check(z.minLength(1)), 'The logstore in the project.', 'k8s-event'),
  region: field(hostLabel(), 'The region of the project: part of its address and of the signature.', 'cn-hangzhou'),
  internal: field(
    z._default(z.boolean(), false),
    "Uses the address inside Alibaba Cloud's network, which functions on AWS cannot reach.",
    true,
  ),
  endpoint: field(
    z.optional(endpointUrl()),
    "The project's address, where it is neither the public nor the internal one, such as global acceleration.",
    'https://k8s-log-prod.log-global.aliyuncs.com',
  ),
  topic: field(z._default(z.string(), ''), 'The topic of the logs.', 'kubernetes'),
  fields: field(
    z._default(z.record(z.string().check(z.minLength(1)), z.string()), {}),
    'Fields added to every log, replacing those of the same name.',
    { env: 'prod' },
  ),
  format: field(
    z._default(z.enum(['event', 'kube-eventer']), 'event'),
    'The log: event has the fields that the README lists; kube-eventer has the fields that kube-eventer writes.',
    'kube-eventer',
  ),
});

const secrets = z.strictObject({
  accessKeyId: field(
    secret(),
    'AccessKey ID of a RAM user or STS session that may log:PostLogStoreLogs. May stand in the plain document.',
    'LTAI5tExampleExample',
  ),
  accessKeySecret: field(secret(), 'AccessKey secret.', 'a-secret-of-thirty-characters.'),
  securityToken: field(z.optional(secret()), 'STS token, for temporary credentials.', 'CAISexample'),
});

export type SlsOptions = z.infer<typeof options>;
export type SlsSecrets = z.infer<typeof secrets>;

export const config = defineConfig({
  type: 'sls',
  title: 'Alibaba Cloud Log Service (SLS)',
  titleZh: '阿里云日志服务 SLS',
  chat: false,
  options,
  secrets,
  plainSecrets: ['accessKeyId'],
  runtime: { windowSeconds: 15 },
  codes: {
    wrong_credentials: {
      status: 'rejected',
      meaning: 'The AccessKey does not exist or its secret is wrong (HTTP 401).',
      advice: 'Put a valid AccessKey into the secret document.',
    },
    token_expired: {
      status: 'rejected',
      meaning: 'The STS token has expired.',
      advice: 'Write fresh temporary credentials into the secret document in time, or use a RAM user.',
    },
    forbidden: {
      status: 'rejected',
      meaning: 'The AccessKey is valid but may not write to the logstore.',
      advice: 'Allow log:PostLogStoreLogs on the logstore in a RAM policy.',
    },
    project_not_found: {
      status: 'rejected',
      meaning: 'The project does not exist in that region.',
      advice: 'Correct the options project and region.',
    },
    logstore_not_found: {
      status: 'rejected',
      meaning: 'The logstore does not exist in the project.',
      advice: 'Create it or correct the option logstore.',
    },
    quota_exceeded: {
      status: 'retry',
      meaning: 'The write quota of the project or of a shard is used up for the moment; SLS answers HTTP 403.',
      advice: 'Nothing, unless it lasts: then split shards or have the quota raised.',
    },
    server_busy: {
      status: 'retry',
      meaning: 'SLS is busy (HTTP 503).',
      advice: 'Nothing, unless it lasts.',
    },
    clock_skew: {
      status: 'retry',
      meaning: 'The signature was more than 15 minutes old or ahead when SLS saw it.',
      advice: 'Nothing, unless it lasts.',
    },
    too_new: {
      status: 'retry',
      meaning: 'The event is more than ten minutes ahead of the clock of the function; SLS takes no more than 15.',
      advice: 'Nothing: it is sent again when it is due. Correct the clock of the node that the event is from.',
    },
    log_rejected: {
      status: 'rejected',
      meaning: 'SLS refused the log; the detail says why.',
      advice: 'Read the detail.',
    },
    too_large: {
      status: 'rejected',
      meaning: 'A single log is larger than SLS takes.',
      advice: 'Filter such events, or have the quota raised.',
    },
    unexpected_reply: {
      status: 'retry',
      meaning: 'The reply is not that of SLS: it has no request id.',
      advice: 'Check the option endpoint.',
    },
  },
});
