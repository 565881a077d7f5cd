import { deflateSync } from 'node:zlib';
import { delivered, retry, type Outcome } from '../../core/contract/outcome.ts';
import { defineSink, type SinkContext } from '../../core/contract/sink.ts';
import { chunk } from '../../core/kit/chunk.ts';
import { config, type SlsOptions, type SlsSecrets } from './config.ts';
import { encodeEvent } from './log.ts';
import { encodeLogGroup } from './log-group.ts';
import { putLogsOutcome } from './reply.ts';
import { authorization, sha256 } from './signature.ts';

/** PutLogs takes 10 MB before compression; 4,096 logs are what Alibaba's own producer sends at most by default. */
const LIMITS = { maxItems: 4096, maxBytes: 5_000_000 };

const MINUTE_MS = 60_000;
/**
 * PutLogs takes times of the last seven days and of the next 15 minutes, and refuses the whole request for one log outside of
 * them. An hour of the past and five minutes of the future are left to clocks and waiting.
 * https://www.alibabacloud.com/help/en/sls/developer-reference/api-sls-2020-12-30-putlogs
 */
const TAKEN_MS = { past: (7 * 24 - 1) * 60 * MINUTE_MS, future: 10 * MINUTE_MS };

const UNDATED = {
  ...delivered,
  warning: 'older than the seven days that SLS takes: the log has the time of its arrival, and the event keeps its own',
};

/**
 * One PutLogs request per parcel, at most: what is too old gets the time of its arrival there, what is too far ahead waits until it
 * is due.
 */
export const sink = defineSink({
  config,
  render(events, options) {
    const rendered = events.map((event) => ({ event, log: encodeEvent(event, options) }));
    return chunk(rendered, LIMITS, ({ log }) => log.length + 8).map((run) => ({
      events: run.map(({ event }) => event),
      payload: run,
    }));
  },
  async send({ payload }, _client, ctx) {
    const now = ctx.now();
    const logs = payload.map(({ event, log }) => {
      const aheadMs = Date.parse(event.lastSeen) - now.getTime();
      const isOld = aheadMs < -TAKEN_MS.past;
      const sent = isOld ? encodeEvent(event, ctx.options, now.getTime()) : log;
      return { event, isOld, waitMs: aheadMs - TAKEN_MS.future, sent };
    });
    const due = logs.filter(({ waitMs }) => waitMs <= 0).map(({ sent }) => sent);
    const outcome = due.length === 0 ? delivered : await put(encodeLogGroup(due, ctx.options.topic), ctx, now);
    return logs.map(({ event, isOld, waitMs }): Outcome => {
      if (waitMs > 0) return retry('too_new', `its time is ${event.lastSeen}`, { afterMs: waitMs });
      return isOld && outcome.status === 'delivered' ? UNDATED : outcome;
    });
  },
});

async function put(group: Buffer, ctx: SinkContext<SlsOptions, SlsSecrets>, now: Date): Promise<Outcome> {
  const { options, secrets } = ctx;
  const url = new URL(`${base(options)}/logstores/${encodeURIComponent(options.logstore)}/shards/lb`);
  const body = deflateSync(group);
  const bodySha256 = sha256(body);
  const headers = {
    host: url.host,
    'content-type': 'application/x-protobuf',
    'x-log-apiversion': '0.6.0',
    'x-log-bodyrawsize': String(group.length),
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
}

function base({ endpoint, project, region, internal }: SlsOptions): string {
  return endpoint?.replace(/\/$/, '') ?? `https://${project}.${region}${internal ? '-intranet' : ''}.log.aliyuncs.com`;
}
