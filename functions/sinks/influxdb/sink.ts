import { gzipSync } from 'node:zlib';
import { chunk } from '../../core/kit/chunk.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { config, type InfluxdbOptions, type InfluxdbSecrets } from './config.ts';
import { line } from './line.ts';
import { eventPoint } from './point.ts';
import { writeOutcome } from './reply.ts';

/** InfluxDB advises 5,000 to 10,000 lines; InfluxDB 3 takes 10 MiB, others more. */
const LIMITS = { maxItems: 5000, maxBytes: 5_000_000 };

/** One write request per parcel, one line per event. */
export const sink = defineSink({
  config,
  render(events, options) {
    const rendered = events.map((event) => ({ event, text: line(eventPoint(event, options)) }));
    return chunk(rendered, LIMITS, ({ text }) => Buffer.byteLength(text) + 1).map((run) => ({
      events: run.map(({ event }) => event),
      payload: run.map(({ text }) => text),
    }));
  },
  async send(parcel, _client, ctx) {
    const { options } = ctx;
    const reply = await ctx.http({
      method: 'POST',
      url: writeUrl(options),
      headers: {
        'Content-Type': 'text/plain; charset=utf-8',
        'Content-Encoding': 'gzip',
        ...authorization(options, ctx),
      },
      body: gzipSync(parcel.payload.join('\n')),
      ...(options.tls && { tls: options.tls }),
    });
    return writeOutcome(reply, parcel.payload, ctx.now());
  },
});

/** The precision is always said: servers differ in what they assume. */
function writeUrl(options: InfluxdbOptions): string {
  const { endpoint, database = '', bucket = '', org, retentionPolicy } = options;
  const [path, query] = {
    v1: ['write', { db: database, ...(retentionPolicy && { rp: retentionPolicy }), precision: 'ns' }] as const,
    v2: ['api/v2/write', { ...(org && { org }), bucket, precision: 'ns' }] as const,
    v3: ['api/v3/write_lp', { db: database, precision: 'nanosecond', accept_partial: 'true' }] as const,
  }[options.api];
  return `${endpoint.replace(/\/$/, '')}/${path}?${new URLSearchParams(query).toString()}`;
}

function authorization(
  options: InfluxdbOptions,
  { secrets: { token, password }, conceal }: { secrets: InfluxdbSecrets; conceal: (text: string) => void },
): { Authorization: string } | undefined {
  if (token) return { Authorization: `${options.api === 'v3' ? 'Bearer' : 'Token'} ${token.reveal()}` };
  if (!password) return undefined;
  const login = `Basic ${Buffer.from(`${options.username ?? ''}:${password.reveal()}`).toString('base64')}`;
  conceal(login);
  return { Authorization: login };
}
