import * as z from 'zod/mini';
import { defineConfig, field, httpUrl, secret } from '../../core/contract/config.ts';
import { tlsField } from '../../core/kit/endpoint.ts';
import { headerName, headerValue } from '../../core/kit/headers.ts';
import { pattern } from '../../core/kit/pattern.ts';
import { templateTree } from '../../core/kit/template.ts';

/** Standard Webhooks: a base64 key of 24 to 64 bytes. */
const signingKey = () =>
  z.string().check(
    z.refine((value) => {
      const bytes = Buffer.from(value.replace(/^whsec_/, ''), 'base64').length;
      return value.startsWith('whsec_') && bytes >= 24 && bytes <= 64;
    }, 'expected whsec_ followed by 24 to 64 bytes in base64'),
  );

/** Values of a field, compared as text; texts are patterns. */
const values = () => z.union([value(), z.array(value()).check(z.minLength(1))]);
const value = () => z.union([z.number(), z.boolean(), pattern()]);

const replyFields = z.strictObject({
  field: field(
    z.optional(z.string().check(z.minLength(1))),
    'The field of the JSON reply that tells, dotted where it is inside another. Without it, the whole text of the reply tells.',
    'errcode',
  ),
  success: field(values(), 'What it is where the event was accepted. Texts are patterns as in filters.', 0),
  throttled: field(
    z.optional(values()),
    'What it is where the service wants fewer requests: tried again after two minutes.',
    130_101,
  ),
  rejected: field(
    z.optional(values()),
    'What it is where trying again would not help: dead-lettered at once. Whatever else it is, is tried again.',
    [300_001, 310_000],
  ),
});

export const config = defineConfig({
  type: 'webhook',
  title: 'Webhook',
  titleZh: '任意 HTTP 地址，JSON 内容由你定义',
  chat: false,
  options: z.strictObject({
    method: field(z._default(z.enum(['POST', 'PUT', 'PATCH', 'GET', 'DELETE']), 'POST'), 'The HTTP method.', 'PUT'),
    headers: field(
      z._default(z.record(headerName(), headerValue()), {}),
      'Headers sent with every request. Those that are secret go into secretHeaders.',
      { 'X-Team': 'platform' },
    ),
    body: field(
      z.optional(templateTree()),
      'The JSON body: any JSON value whose strings may hold ${ ... } expressions over the event. By default the event as ClusterEvent, without raw.',
      { text: '${ event.reason } in ${ event.cluster }: ${ event.message }', count: '${ event.count }' },
    ),
    reply: field(
      z.optional(replyFields),
      'How a success is told from an error, for services that answer errors inside an HTTP 200. Without it any 2xx is a success, whatever its body says: at your own risk, because events that such a service refuses are lost without a word.',
      { field: 'errcode', success: 0, throttled: 130_101, rejected: [300_001, 310_000] },
    ),
    tls: tlsField(),
  }),
  secrets: z.strictObject({
    url: field(
      secret(httpUrl()),
      'Where to send. May stand in the plain document if nothing in it is secret.',
      'https://example.com/hooks/events',
    ),
    secretHeaders: field(z._default(z.record(headerName(), secret(headerValue())), {}), 'Headers with secret values.', {
      Authorization: 'Bearer ...',
    }),
    signingSecret: field(
      z.optional(secret(signingKey())),
      'Signs every request as Standard Webhooks defines: whsec_ and 24 to 64 bytes in base64.',
      'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    ),
  }),
  plainSecrets: ['url'],
  // One request for each event, one after the other: a hundred of them fit into an invocation, even at half a second each.
  runtime: { batchSize: 5, envelopeEvents: 20 },
  codes: {
    throttled: {
      status: 'retry',
      meaning: 'The reply is what `reply.throttled` names: too many requests.',
      advice: 'Nothing, if rare. Else narrow the filter, or find out who else uses this address.',
    },
    not_accepted: {
      status: 'retry',
      meaning: 'The HTTP status is a success, but the reply is not what `reply.success` names.',
      advice: 'The detail has what the service said. Repair what it names, or correct `reply`; then replay.',
    },
    refused: {
      status: 'rejected',
      meaning: 'The reply is what `reply.rejected` names.',
      advice: 'The detail has what the service said. Repair what it names, then replay.',
    },
  },
});
