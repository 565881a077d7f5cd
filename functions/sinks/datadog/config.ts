import * as z from 'zod/mini';
import { defineConfig, field } from '../../core/contract/config.ts';
import { endpointUrl } from '../../core/kit/endpoint.ts';
import { apiKey, site, tagsField } from './account.ts';

export const config = defineConfig({
  type: 'datadog',
  title: 'Datadog',
  chat: false,
  options: z.strictObject({
    site,
    service: field(
      z._default(z.string().check(z.minLength(1), z.maxLength(100)), 'kubernetes'),
      'The service that logs are listed under.',
      'kubernetes',
    ),
    tags: tagsField('log'),
    endpoint: field(
      z.optional(endpointUrl()),
      'Where the intake is, where it is not that of the site: a proxy or private link.',
      'https://http-intake.logs.example.com',
    ),
  }),
  secrets: z.strictObject({ apiKey }),
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
