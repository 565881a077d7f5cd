import * as z from 'zod/mini';
import { defineConfig, field } from '../../core/contract/config.ts';
import { endpointUrl } from '../../core/kit/endpoint.ts';
import { apiKey, codesFor, site, tagsField } from './account.ts';

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
  codes: codesFor('log'),
});
