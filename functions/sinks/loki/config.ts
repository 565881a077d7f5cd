import * as z from 'zod/mini';
import { defineConfig, field, secret } from '../../core/contract/config.ts';
import { endpointUrl, tlsField } from '../../core/kit/endpoint.ts';
import { headerValue } from '../../core/kit/headers.ts';
import { templateTree } from '../../core/kit/template.ts';
import { codes } from './codes.ts';
import { EVENT_LABELS, OWN_LABELS } from './labels.ts';

const labelName = () => z.string().check(z.regex(/^[a-zA-Z_][a-zA-Z0-9_]{0,99}$/, 'expected the name of a label'));

/** Loki takes 15 labels, of which four are the sink's own and four may come from the event. */
const MOST_LABELS = 7;

const options = z.strictObject({
  endpoint: field(
    endpointUrl(),
    'URL of Loki before /loki/api/v1/push, or all of it; of VictoriaLogs it ends in /insert.',
    'https://loki.example.com',
  ),
  tenant: field(
    z.optional(headerValue().check(z.minLength(1))),
    'The tenant, sent as X-Scope-OrgID. Loki with auth_enabled needs one.',
    'platform',
  ),
  labels: field(
    z._default(
      z.record(labelName(), z.string().check(z.minLength(1), z.maxLength(200))).check(
        z.refine((labels) => Object.keys(labels).every((name) => !OWN_LABELS.includes(name)), {
          error: `expected other names than those of the sink (${OWN_LABELS.join(', ')})`,
        }),
        z.refine((labels) => Object.keys(labels).length <= MOST_LABELS, {
          error: `expected at most ${MOST_LABELS} labels`,
        }),
      ),
      {},
    ),
    'Labels of every stream beside service_name, cluster, namespace and type.',
    { job: 'kubernetes-events' },
  ),
  eventLabels: field(
    z._default(z.array(z.enum(EVENT_LABELS)), []),
    'What else of an event becomes a label. Each combination of labels is a stream, of which Loki takes 5,000; all of it can be searched as structured metadata too.',
    ['kind', 'reason'],
  ),
  structuredMetadata: field(
    z._default(z.boolean(), true),
    'Sends what is known of an event as structured metadata. Turn it off for Loki before 3.0 that does not allow it, and choose a line that says it.',
    false,
  ),
  line: field(
    z.optional(templateTree()),
    'The line: a text, or a JSON value, whose strings may hold ${ ... } expressions over the event. By default the message.',
    'reason=${ event.reason } name=${ event.object.name } ${ event.message }',
  ),
  username: field(
    z.optional(z.string()),
    'User of basic authentication, at Grafana Cloud the number of the instance; the password is a secret.',
    '123456',
  ),
  tls: tlsField(),
});

const secrets = z
  .strictObject({
    password: field(
      z.optional(secret()),
      'Password of the user in the option username, at Grafana Cloud an access token.',
      'correct horse',
    ),
    bearerToken: field(
      z.optional(secret()),
      'Token sent as Authorization: Bearer, for a gateway in front of Loki.',
      'eyJhbGciOiJSUzI1NiJ9',
    ),
  })
  .check(
    z.refine(
      ({ password, bearerToken }) => !(password && bearerToken),
      'expected only one of password and bearerToken',
    ),
  );

export type LokiOptions = z.infer<typeof options>;

export const config = defineConfig({
  type: 'loki',
  title: 'Grafana Loki and VictoriaLogs',
  titleZh: 'Grafana Loki 和 VictoriaLogs',
  chat: false,
  options,
  secrets,
  runtime: { batchSize: 200, windowSeconds: 2 },
  codes,
});
