import * as z from 'zod/mini';
import { defineConfig, field, httpUrl, secret } from '../../core/contract/config.ts';
import { tlsField } from '../../core/kit/endpoint.ts';
import { templateTree } from '../../core/kit/template.ts';

/** RFC 9110 token characters; a header name that Node would refuse is a mistake to report, not to throw on. */
const headerName = () =>
  z.string().check(z.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'expected a header name such as X-Team'));
const headerValue = () => z.string().check(z.regex(/^[\t\x20-\x7E]*$/, 'expected printable ASCII on one line'));

/** Standard Webhooks: a base64 key of 24 to 64 bytes. */
const signingKey = () =>
  z.string().check(
    z.refine((value) => {
      const bytes = Buffer.from(value.replace(/^whsec_/, ''), 'base64').length;
      return value.startsWith('whsec_') && bytes >= 24 && bytes <= 64;
    }, 'expected whsec_ followed by 24 to 64 bytes in base64'),
  );

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
  codes: {},
});
