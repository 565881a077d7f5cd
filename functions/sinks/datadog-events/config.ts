import * as z from 'zod/mini';
import { defineConfig, field } from '../../core/contract/config.ts';
import { endpointUrl } from '../../core/kit/endpoint.ts';
import { apiKey, site, tagsField } from '../datadog/account.ts';

export const config = defineConfig({
  type: 'datadog-events',
  title: 'Datadog (events)',
  chat: false,
  options: z.strictObject({
    site,
    tags: tagsField('event'),
    endpoint: field(
      z.optional(endpointUrl()),
      'Where the API is, where it is not that of the site: a proxy or private link.',
      'https://api.datadog.example.com',
    ),
  }),
  secrets: z.strictObject({ apiKey }),
  runtime: { batchSize: 5, envelopeEvents: 20 },
  codes: {
    key_refused: {
      status: 'rejected',
      meaning: 'The API key is unknown to this site, or may not post events (HTTP 401, 403).',
      advice: 'Put an API key into the secret `apiKey`, and see that `site` is that of its organization. Then replay.',
    },
    event_refused: {
      status: 'rejected',
      meaning: 'Datadog did not accept the event (HTTP 400, 413).',
      advice: 'Look at the event; report it to this project with the detail.',
    },
    unexpected_reply: {
      status: 'retry',
      meaning: 'The reply is not the 202 of the API.',
      advice: 'Check that `endpoint` leads to the API and not to a proxy or a login page.',
    },
  },
});
