import * as z from 'zod/mini';
import { defineConfig, field, secret } from '../../core/contract/config.ts';
import { endpointUrl, tlsField } from '../../core/kit/endpoint.ts';

const name = () => z.string().check(z.regex(/^[\w:.-]{1,100}$/, 'expected letters, digits and _ : . -'));

export const config = defineConfig({
  type: 'splunk',
  title: 'Splunk HTTP Event Collector',
  chat: false,
  options: z.strictObject({
    endpoint: field(
      endpointUrl(),
      'Where the HTTP Event Collector is, with its port: 8088 of Splunk Enterprise; https://http-inputs-STACK.splunkcloud.com of Splunk Cloud.',
      'https://splunk.example.com:8088',
    ),
    index: field(z.optional(name()), "The index. By default the token's own.", 'kubernetes'),
    source: field(z._default(name(), 'kube-courier'), 'The source of events.', 'kube-courier'),
    sourcetype: field(
      z._default(name(), 'kube:events'),
      'The source type; kube:events is that of the OpenTelemetry collector for Kubernetes.',
      'kube:events',
    ),
    format: field(
      z._default(z.enum(['event', 'raw']), 'event'),
      'event: the event with its fields, as below; raw: the Event as the API server gives it, as the connector for Kubernetes did.',
      'raw',
    ),
    channel: field(
      z.optional(
        z
          .string()
          .check(
            z.regex(
              /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
              'expected a GUID such as 0aeeac95-ac74-4aa9-b30d-6c4c0ac581ba',
            ),
          ),
      ),
      'A channel, which a token with indexer acknowledgement wants. The acknowledgement itself is not asked for.',
      '0aeeac95-ac74-4aa9-b30d-6c4c0ac581ba',
    ),
    tls: tlsField(),
  }),
  secrets: z.strictObject({
    token: field(secret(), 'The token of the HTTP Event Collector.', 'b80594d5-6bb0-4dd1-8f2b-0123456789ab'),
  }),
  runtime: { windowSeconds: 2 },
  codes: {
    token_refused: {
      status: 'rejected',
      meaning: 'The token is unknown or disabled.',
      advice: 'Enable the token, or put another into the secret `token`; then replay.',
    },
    settings_refused: {
      status: 'rejected',
      meaning: 'The token may not write to the index, or wants a channel, or takes none.',
      advice: 'Correct `index` and `channel`, or the settings of the token; then replay.',
    },
    event_refused: {
      status: 'rejected',
      meaning: 'Splunk did not accept this event.',
      advice: 'Look at the event; report it to this project with the detail.',
    },
    not_reached: {
      status: 'retry',
      meaning: 'Splunk refused an event before this one in the same request, and did not come to this one.',
      advice: 'Nothing: it is sent again.',
    },
    busy: {
      status: 'retry',
      meaning: 'Splunk is busy or its queues are full.',
      advice: 'Nothing, unless it lasts: then see to the indexers.',
    },
    unexpected_reply: {
      status: 'retry',
      meaning: 'The reply is not that of the HTTP Event Collector.',
      advice:
        'Check that `endpoint` leads to the collector (8088) and not to the management port, a proxy or a login page.',
    },
  },
});
