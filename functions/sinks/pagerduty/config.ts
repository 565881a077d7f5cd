import * as z from 'zod/mini';
import { pagerFields } from '../../core/chat/incident.ts';
import { defineConfig, field, secret } from '../../core/contract/config.ts';
import { endpointUrl } from '../../core/kit/endpoint.ts';

const routingKey = () =>
  z
    .string()
    .check(
      z.regex(
        /^[A-Za-z0-9]{32}$/,
        'expected the integration key of an Events API v2 integration, 32 letters and digits (an API access key has 20 characters and is another thing)',
      ),
    );

export const config = defineConfig({
  type: 'pagerduty',
  title: 'PagerDuty',
  chat: false,
  pager: true,
  options: z.strictObject({
    ...pagerFields,
    endpoint: field(
      z._default(endpointUrl(), 'https://events.pagerduty.com'),
      'The Events API: https://events.eu.pagerduty.com for accounts in the EU. A key belongs to one of them.',
      'https://events.eu.pagerduty.com',
    ),
  }),
  secrets: z.strictObject({
    routingKey: field(
      secret(routingKey()),
      'The integration key of an Events API v2 integration of a service, or of an event orchestration.',
      'R0123456789ABCDEF0123456789ABCDE',
    ),
  }),
  // As many requests as an invocation may make at once, so that bursts stay within the rate: see the sink's pace.
  runtime: { batchSize: 3, envelopeEvents: 5 },
  codes: {
    routing_key_refused: {
      status: 'rejected',
      meaning: 'PagerDuty does not know the integration key.',
      advice:
        'Put the integration key of an Events API v2 integration into the secret `routingKey`; that of an EU account needs `endpoint` https://events.eu.pagerduty.com. Then replay.',
    },
    event_refused: {
      status: 'rejected',
      meaning: 'PagerDuty refused this event; the detail says why.',
      advice: 'Look at the event and the detail; report it to this project.',
    },
    throttled: {
      status: 'retry',
      meaning: 'The integration was sent too much within a minute.',
      advice: 'Nothing, if rare. Else narrow the filter, or give destinations integrations of their own.',
    },
    unexpected_reply: {
      status: 'retry',
      meaning: 'The reply is not that of the Events API.',
      advice: 'Check that `endpoint` leads to PagerDuty and not to a proxy or a login page.',
    },
  },
});
