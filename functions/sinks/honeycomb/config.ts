import * as z from 'zod/mini';
import { defineConfig, field, secret } from '../../core/contract/config.ts';
import { endpointUrl } from '../../core/kit/endpoint.ts';

export const config = defineConfig({
  type: 'honeycomb',
  title: 'Honeycomb',
  chat: false,
  options: z.strictObject({
    dataset: field(
      z._default(z.string().check(z.minLength(1)), 'kubernetes-events'),
      'The dataset; Honeycomb makes it with the first event.',
      'k8s-events',
    ),
    endpoint: field(
      z._default(endpointUrl(), 'https://api.honeycomb.io'),
      'The API: https://api.eu1.honeycomb.io for teams in the EU, or the address of a Refinery.',
      'https://api.eu1.honeycomb.io',
    ),
  }),
  secrets: z.strictObject({
    apiKey: field(
      secret(),
      'Ingest key, or a configuration key that may send events.',
      'hcaik_01hqk4k20cjeh63wca8vva5stw',
    ),
  }),
  runtime: { windowSeconds: 15 },
  codes: {
    wrong_credentials: {
      status: 'rejected',
      meaning: 'Honeycomb does not know the API key, or the key may not send events (HTTP 401).',
      advice: 'Put a valid ingest key into the secret document; a key of an EU team needs the EU endpoint.',
    },
    dataset_not_found: {
      status: 'rejected',
      meaning: 'The dataset does not exist and the key may not create it (HTTP 404).',
      advice: 'Let the key create datasets, create the dataset, or correct the option dataset.',
    },
    event_rejected: {
      status: 'rejected',
      meaning: 'Honeycomb refused this event; the detail says why.',
      advice: 'Read the detail.',
    },
    too_large: {
      status: 'rejected',
      meaning: 'Honeycomb, or a Refinery before it, refused the request for its size (HTTP 413).',
      advice: 'Raise the limit of the Refinery.',
    },
    throttled: {
      status: 'retry',
      meaning: 'The event was over the rate limit.',
      advice: "Nothing, unless it lasts: then filter more, or raise the team's limit.",
    },
    blocked: {
      status: 'retry',
      meaning: 'Honeycomb throttles the team administratively, usually because its quota is used up (HTTP 403).',
      advice: 'Look at the usage of the team; events are tried again every ten minutes.',
    },
    unavailable: {
      status: 'retry',
      meaning: 'Honeycomb could not take this event for a reason of its own.',
      advice: 'Nothing, unless it lasts.',
    },
    unexpected_reply: {
      status: 'retry',
      meaning: 'The reply is not that of the batch API.',
      advice: 'Check the endpoint.',
    },
  },
});
