import { awsDomain } from '../../core/contract/region.ts';
import { toJson } from '../../core/kit/json.ts';
import { signed } from '../../core/kit/sign.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { config } from './config.ts';
import { mailOf } from './message.ts';
import { outcomeOf } from './reply.ts';

/**
 * A mail for each batch, by `SendEmail` of Amazon SES API v2, signed with the function's own role: there is no secret. Amazon SES
 * only accepts a mail here; bounces and complaints come later, to the configuration set.
 */
export const sink = defineSink({
  config,
  // The sandbox sends one mail a second, and quotas are by account and region.
  pace: ({ region = 'own' }) => ({ key: `email:${region}`, perMinute: 60 }),
  render(events, options) {
    return events.length === 0 ? [] : [{ events, payload: mailOf(events, options) }];
  },
  async send({ payload: { subject, text, html, headers } }, _client, ctx) {
    const { from, to, replyTo, configurationSet } = ctx.options;
    const region = ctx.options.region ?? (await ctx.aws.region());
    const endpoint = ctx.options.endpoint ?? `https://email.${region}.${awsDomain(region)}`;
    const utf8 = (data: string) => ({ Data: data, Charset: 'UTF-8' });
    const request = {
      method: 'POST',
      url: `${endpoint.replace(/\/+$/, '')}/v2/email/outbound-emails`,
      headers: { 'content-type': 'application/json' },
      body: toJson({
        FromEmailAddress: from,
        Destination: { ToAddresses: to },
        ...(replyTo.length > 0 && { ReplyToAddresses: replyTo }),
        ...(configurationSet !== undefined && { ConfigurationSetName: configurationSet }),
        Content: {
          Simple: { Subject: utf8(subject), Body: { Text: utf8(text), Html: utf8(html) }, Headers: headers },
        },
      }),
    };
    return outcomeOf(await ctx.http(await signed(request, { service: 'ses', region }, ctx)), ctx.now());
  },
});
