import * as z from 'zod/mini';
import { pagerFields } from '../../core/chat/incident.ts';
import { defineConfig, field, secret } from '../../core/contract/config.ts';
import { endpointUrl, tlsField } from '../../core/kit/endpoint.ts';
import { OWN_LABELS } from './labels.ts';

const MINUTES_OF_A_WEEK = 7 * 24 * 60;

const labelName = () => z.string().check(z.regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'expected the name of a label'));

const options = z.strictObject({
  ...pagerFields,
  endpoint: field(
    z.union([endpointUrl(), z.array(endpointUrl()).check(z.minLength(1), z.maxLength(10))]),
    'URL of Alertmanager before /api/v2/alerts, or a list with one URL for each peer of a cluster: each gets every alert, and the event counts as delivered when one has taken it.',
    ['http://alertmanager-0.monitoring:9093', 'http://alertmanager-1.monitoring:9093'],
  ),
  resolveAfterMinutes: field(
    z._default(z.int().check(z.gte(1), z.lte(MINUTES_OF_A_WEEK)), 60),
    'So long after its last event an alert counts as resolved, unless an event has ended it before. Kubernetes repeats an event every few minutes at first, later more rarely.',
    30,
  ),
  labels: field(
    z._default(
      z.record(labelName(), z.string().check(z.minLength(1), z.maxLength(200))).check(
        z.refine((labels) => Object.keys(labels).every((name) => !OWN_LABELS.includes(name)), {
          error: `expected other names than those of the sink (${OWN_LABELS.join(', ')})`,
        }),
      ),
      {},
    ),
    'Labels of every alert, by which routes can tell it.',
    { team: 'platform' },
  ),
  username: field(z.optional(z.string()), 'User of basic authentication; the password is a secret.', 'courier'),
  tls: tlsField(),
});

const secrets = z
  .strictObject({
    password: field(z.optional(secret()), 'Password of the user in the option username.', 'correct horse'),
    bearerToken: field(
      z.optional(secret()),
      'Token sent as Authorization: Bearer, for a proxy in front of it.',
      'eyJhbGciOiJSUzI1NiJ9',
    ),
  })
  .check(
    z.refine(
      ({ password, bearerToken }) => !(password && bearerToken),
      'expected only one of password and bearerToken',
    ),
  );

export const config = defineConfig({
  type: 'alertmanager',
  title: 'Prometheus Alertmanager',
  chat: false,
  pager: true,
  options,
  secrets,
  codes: {
    alert_refused: {
      status: 'rejected',
      meaning: 'Alertmanager refused the alerts of this event (HTTP 400, 422); the detail says why.',
      advice: 'Look at the event and the detail; report it to this project.',
    },
    unexpected_reply: {
      status: 'retry',
      meaning: 'A web page was answered, which Alertmanager does not.',
      advice: 'Check that `endpoint` leads to Alertmanager and not to a login page, and whether it has a path prefix.',
    },
  },
});
