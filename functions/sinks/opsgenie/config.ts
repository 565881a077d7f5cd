import * as z from 'zod/mini';
import { pagerFields } from '../../core/chat/incident.ts';
import { defineConfig, field, secret } from '../../core/contract/config.ts';
import { endpointUrl } from '../../core/kit/endpoint.ts';

const responder = z
  .strictObject({
    type: field(z.enum(['team', 'user', 'escalation', 'schedule']), 'What it is.'),
    id: field(z.optional(z.string()), 'Its id; Jira Service Management wants this.'),
    name: field(z.optional(z.string()), 'The name of a team, escalation or schedule, instead of its id.'),
    username: field(z.optional(z.string()), 'The address of a user, instead of its id.'),
  })
  .check(
    z.refine(
      ({ type, id, name, username }) => Boolean(id || (type === 'user' ? username : name)),
      'expected the id, or of a user the username, of others the name',
    ),
  );

export const config = defineConfig({
  type: 'opsgenie',
  title: 'Jira Service Management and Opsgenie',
  titleZh: 'Jira Service Management 和 Opsgenie',
  chat: false,
  pager: true,
  options: z.strictObject({
    ...pagerFields,
    endpoint: field(
      z._default(endpointUrl(), 'https://api.atlassian.com/jsm/ops/integration'),
      'The API before /v2/alerts: by default that of Jira Service Management for all regions; https://api.opsgenie.com or https://api.eu.opsgenie.com for Opsgenie.',
      'https://api.eu.opsgenie.com',
    ),
    responders: field(
      z._default(z.array(responder).check(z.maxLength(50)), []),
      'Who is told, beside what the integration says by itself.',
      [{ type: 'team', id: '4513b7ea-3b91-438f-b7e4-e3e54af9147c' }],
    ),
    tags: field(
      z._default(z.array(z.string().check(z.minLength(1), z.maxLength(50))).check(z.maxLength(20)), []),
      'Tags of every alert, which its policies and routes can use.',
      ['kubernetes'],
    ),
  }),
  secrets: z.strictObject({
    apiKey: field(secret(), 'The key of an API integration; not an API token.', '7c2b6c1e-0d4f-4b58-9c1a-2f3e4d5c6b7a'),
  }),
  // As many requests as an invocation may make at once, so that bursts stay within the rate: see the sink's pace.
  runtime: { batchSize: 2, envelopeEvents: 5 },
  codes: {
    key_refused: {
      status: 'rejected',
      meaning: 'The key is not that of an API integration that is turned on, or may not do this (HTTP 401, 403).',
      advice:
        'Put the key of an API integration into the secret `apiKey`, and see that `endpoint` is where it belongs: Jira Service Management, Opsgenie, or Opsgenie in the EU. Then replay.',
    },
    plan_refused: {
      status: 'rejected',
      meaning: 'The plan of the account does not allow this (HTTP 402).',
      advice: 'Look at the plan, then replay.',
    },
    alert_refused: {
      status: 'rejected',
      meaning: 'The alert was refused (HTTP 400, 422); the detail says why.',
      advice: 'Correct `responders` or `tags` if it is about them, then replay; else report it to this project.',
    },
    throttled: {
      status: 'retry',
      meaning: 'The account sends too much.',
      advice: 'Nothing, if rare. Else narrow the filter.',
    },
    unexpected_reply: {
      status: 'retry',
      meaning: 'The reply is not that of the alert API.',
      advice: 'Check that `endpoint` leads to the API and not to a proxy or a login page.',
    },
  },
});
