import * as z from 'zod/mini';
import { alikeInChats } from '../../core/chat/groups.ts';
import { chatFields } from '../../core/chat/options.ts';
import { defineConfig, field, type AwsTarget } from '../../core/contract/config.ts';
import { arnOf } from '../../core/kit/aws/target.ts';
import { regionField } from '../../core/kit/aws/region.ts';
import { endpointUrl } from '../../core/kit/endpoint.ts';
import { codes } from './codes.ts';

/** SES takes local parts in ASCII only, and internationalised domains in Punycode. */
const address = () =>
  z
    .string()
    .check(
      z.regex(
        /^[\x21-\x7e]{1,64}@[A-Za-z0-9.-]{1,253}$/,
        'expected an address such as on-call@example.com (a domain with other letters in Punycode)',
      ),
    );

/** SES takes 50 receivers a message. */
const MAX_RECEIVERS = 50;

const target: AwsTarget = {
  what: 'identity',
  arn: arnOf('ses', /(?:identity\/[\x21-\x7e]{1,320}|configuration-set\/[\w-]{1,64})/),
  expected:
    'the ARN of an identity or configuration set, such as arn:aws:ses:eu-west-1:123456789012:identity/example.com',
  actions: ['ses:SendEmail'],
};

export const config = defineConfig({
  type: 'email',
  title: 'E-mail (Amazon SES)',
  titleZh: '电子邮件（Amazon SES）',
  chat: true,
  alike: alikeInChats,
  options: z.strictObject({
    ...chatFields,
    from: field(
      address(),
      'The sender: an address, or an address of a domain, that is verified in Amazon SES.',
      'kube-courier@example.com',
    ),
    to: field(z.array(address()).check(z.minLength(1), z.maxLength(MAX_RECEIVERS)), 'The receivers, 50 at the most.', [
      'on-call@example.com',
    ]),
    replyTo: field(
      z._default(z.array(address()).check(z.maxLength(MAX_RECEIVERS)), []),
      'Where replies go, instead of to the sender.',
      ['platform@example.com'],
    ),
    region: regionField("The region of Amazon SES in which the sender is verified. By default the function's own."),
    configurationSet: field(
      z.optional(z.string().check(z.regex(/^[\w-]{1,64}$/, 'expected the name of a configuration set'))),
      'A configuration set of Amazon SES, which tells of bounces and complaints.',
      'kube-courier',
    ),
    endpoint: field(
      z.optional(endpointUrl()),
      'Where the API is, such as a VPC or FIPS endpoint.',
      'https://email-fips.us-east-1.amazonaws.com',
    ),
  }),
  secrets: z.strictObject({}),
  // A mail a minute tells as much as one every five seconds, and is read more often.
  runtime: { windowSeconds: 60 },
  target,
  codes,
});
