import { createHash, createHmac } from 'node:crypto';
import { chunk } from '../../core/kit/chunk.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { cloudEvent } from './cloud-event.ts';
import { config, type EventbridgeOptions } from './config.ts';
import { putEventsOutcomes } from './reply.ts';

/** What PutEvents takes: 16 events, 256 KB. https://help.aliyun.com/zh/eventbridge/putevents */
const LIMITS = { maxItems: 16, maxBytes: 262_144 - 2 };
const PATH = '/openapi/putEvents';

/** One PutEvents request per parcel; each event in it has an answer of its own. */
export const sink = defineSink({
  config,
  render(events, options) {
    const rendered = events.map((event) => ({ event, json: cloudEvent(event, options) }));
    return chunk(rendered, LIMITS, ({ json }) => Buffer.byteLength(json) + 1).map((run) => ({
      events: run.map(({ event }) => event),
      payload: `[${run.map(({ json }) => json).join(',')}]`,
    }));
  },
  async send(parcel, _client, ctx) {
    const { options, secrets } = ctx;
    const now = ctx.now();
    const id = secrets.accessKeyId.reveal();
    const headers = {
      date: now.toUTCString(),
      'content-type': 'application/cloudevents-batch+json; charset=utf-8',
      'x-eventbridge-version': '2015-06-06',
      'x-acs-signature-method': 'HMAC-SHA1',
      'x-acs-signature-version': '1.0',
      'x-acs-signature-nonce': createHash('sha256')
        .update(now.toISOString() + parcel.payload)
        .digest('hex'),
      ...(secrets.securityToken && {
        'x-acs-accesskey-id': id,
        'x-acs-security-token': secrets.securityToken.reveal(),
      }),
    };
    const mac = signature(headers, secrets.accessKeySecret.reveal());
    ctx.conceal(mac);
    const reply = await ctx.http({
      method: 'POST',
      url: `${base(options)}${PATH}`,
      headers: { ...headers, authorization: `acs:${id}:${mac}` },
      body: parcel.payload,
    });
    return putEventsOutcomes(reply, parcel.events.length, now);
  },
});

function base({ endpoint, accountId, region, internal }: EventbridgeOptions): string {
  return (
    endpoint?.replace(/\/$/, '') ?? `https://${accountId}.eventbridge.${region}${internal ? '-vpc' : ''}.aliyuncs.com`
  );
}

/** The signature of Alibaba Cloud's ROA style, version 1.0; the line for a Content-MD5 stays empty. */
function signature(headers: Readonly<Record<string, string>>, secret: string): string {
  const signed = Object.entries(headers)
    .filter(([name]) => name.startsWith('x-acs-'))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}:${value}\n`);
  const text = ['POST', '', headers['content-type'], headers['date'], `${signed.join('')}${PATH}`].join('\n');
  return createHmac('sha1', secret).update(text).digest('base64');
}
