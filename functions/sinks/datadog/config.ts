import * as z from 'zod/mini';
import { defineConfig, field, secret } from '../../core/contract/config.ts';
import { endpointUrl } from '../../core/kit/endpoint.ts';

const site = () =>
  z
    .string()
    .check(
      z.regex(
        /^(?:(?:us3|us5|ap1|ap2|uk1)\.datadoghq\.com|datadoghq\.com|datadoghq\.eu|(?:us2\.)?ddog-gov\.com)$/,
        'expected a site of Datadog such as datadoghq.com, datadoghq.eu or us5.datadoghq.com',
      ),
    );

/** Datadog keeps letters, digits and `_ - : . /`, in lower case, 200 characters. */
const tag = () =>
  z.string().check(z.regex(/^[a-z][a-z0-9_:./-]{0,199}$/, 'expected a tag such as env:prod, in lower case'));

export const config = defineConfig({
  type: 'datadog',
  title: 'Datadog',
  chat: false,
  options: z.strictObject({
    site: field(z._default(site(), 'datadoghq.com'), 'The site of the account.', 'datadoghq.eu'),
    service: field(
      z._default(z.string().check(z.minLength(1), z.maxLength(100)), 'kubernetes'),
      'The service that logs are listed under.',
      'kubernetes',
    ),
    tags: field(
      z._default(z.array(tag()).check(z.maxLength(20)), []),
      'Tags of every log, beside those of the event.',
      ['env:prod'],
    ),
    endpoint: field(
      z.optional(endpointUrl()),
      'Where the intake is, where it is not that of the site: a proxy or private link.',
      'https://http-intake.logs.example.com',
    ),
  }),
  secrets: z.strictObject({
    apiKey: field(
      secret(),
      'An API key of the organization; not an application key.',
      '0a1b2c3d4e5f60718293a4b5c6d7e8f9',
    ),
  }),
  runtime: { windowSeconds: 2 },
  codes: {
    key_refused: {
      status: 'rejected',
      meaning: 'The API key is unknown to this site, or may not send logs (HTTP 401, 403).',
      advice: 'Put an API key into the secret `apiKey`, and see that `site` is that of its organization. Then replay.',
    },
    event_refused: {
      status: 'rejected',
      meaning: 'Datadog did not accept the log (HTTP 400, 413).',
      advice: 'Look at the event; report it to this project with the detail.',
    },
    unexpected_reply: {
      status: 'retry',
      meaning: 'The reply is not the 202 of the intake.',
      advice: 'Check that `endpoint` leads to the intake and not to a proxy or a login page.',
    },
  },
});
