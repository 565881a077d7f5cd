import { deflateSync } from 'node:zlib';
import { chunk } from '../../core/kit/chunk.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { config, type SlsOptions } from './config.ts';
import { encodeEvent } from './log.ts';
import { encodeLogGroup } from './log-group.ts';
import { putLogsOutcome } from './reply.ts';
import { authorization, sha256 } from './signature.ts';

/** PutLogs takes 10 MB before compression; 4,096 logs are what Alibaba's own producer sends at most by default. */
const LIMITS = { maxItems: 4096, maxBytes: 5_000_000 };

/** One PutLogs request per parcel. */
export const sink = defineSink({
  config,
  render(events, options) {
    const rendered = events.map((event) => ({ event, log: encodeEvent(event, options) }));
    return chunk(rendered, LIMITS, ({ log }) => log.length + 8).map((run) => ({
      events: run.map(({ event }) => event),
      payload: encodeLogGroup(
        run.map(({ log }) => log),
        options.topic,
      ),
    }));
  },
  async send(parcel, _client, ctx) {
    const { options, secrets } = ctx;
    const now = ctx.now();
    const url = new URL(`${base(options)}/logstores/${encodeURIComponent(options.logstore)}/shards/lb`);
    const body = deflateSync(parcel.payload);
    const bodySha256 = sha256(body);
    const headers = {
      host: url.host,
      'content-type': 'application/x-protobuf',
      'x-log-apiversion': '0.6.0',
      'x-log-bodyrawsize': String(parcel.payload.length),
      'x-log-compresstype': 'deflate',
      'x-log-content-sha256': bodySha256,
      'x-log-date': now.toISOString().replaceAll(/[:-]|\.\d{3}/g, ''),
      ...(secrets.securityToken && { 'x-acs-security-token': secrets.securityToken.reveal() }),
    };
    const key = {
      id: secrets.accessKeyId.reveal(),
      secret: secrets.accessKeySecret.reveal(),
      region: options.region,
    };
    const { host: _, ...sent } = headers;
    const signature = authorization({ method: 'POST', path: url.pathname, headers, bodySha256 }, key);
    ctx.conceal(signature);
    const reply = await ctx.http({
      method: 'POST',
      url: url.href,
      headers: { ...sent, authorization: signature },
      body,
    });
    return putLogsOutcome(reply, now);
  },
});

function base({ endpoint, project, region, internal }: SlsOptions): string {
  return endpoint?.replace(/\/$/, '') ?? `https://${project}.${region}${internal ? '-intranet' : ''}.log.aliyuncs.com`;
}
