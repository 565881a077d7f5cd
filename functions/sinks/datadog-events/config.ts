import * as z from 'zod/mini';
import { defineConfig, field } from '../../core/contract/config.ts';
import { endpointUrl } from '../../core/kit/endpoint.ts';
import { apiKey, codesFor, site, tagsField } from '../datadog/account.ts';

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
  codes: codesFor('event'),
});
