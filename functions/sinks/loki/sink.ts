import { gzipSync } from 'node:zlib';
import { defineSink } from '../../core/contract/sink.ts';
import { authorization } from '../../core/kit/authorization.ts';
import { chunk } from '../../core/kit/chunk.ts';
import { toJson } from '../../core/kit/json.ts';
import { config } from './config.ts';
import { entryOf, type Entry } from './entry.ts';
import { labelsOf } from './labels.ts';
import { pushOutcome } from './reply.ts';

/** Loki takes 4 MB in a second of a tenant, and 3 MB of a stream. */
const LIMITS = { maxItems: 1000, maxBytes: 1_000_000 };

interface Item {
  /** The stream's labels as JSON, equal of events of one stream. */
  readonly stream: string;
  readonly entry: Entry;
}

/** One push for many events, grouped by stream. Loki gives one reply for all of them, and has stored the valid ones all the same. */
export const sink = defineSink({
  config,
  render(events, options) {
    const rendered = events.map((event) => {
      const stream = toJson(labelsOf(event, options));
      const entry = entryOf(event, options);
      return { event, stream, entry, bytes: Buffer.byteLength(stream) + Buffer.byteLength(toJson(entry)) + 30 };
    });
    return chunk(rendered, LIMITS, ({ bytes }) => bytes).map((run) => ({
      events: run.map(({ event }) => event),
      payload: pushBody(run),
    }));
  },
  async send({ payload }, _client, { http, now, options, secrets, conceal }) {
    const reply = await http({
      method: 'POST',
      url: pushUrl(options.endpoint),
      headers: {
        // Any other type, even with a charset, is taken for protobuf.
        'Content-Type': 'application/json',
        'Content-Encoding': 'gzip',
        ...(options.tenant && { 'X-Scope-OrgID': options.tenant }),
        ...authorization(options.username, secrets, conceal),
      },
      body: gzipSync(payload),
      ...(options.tls && { tls: options.tls }),
    });
    return pushOutcome(reply, now());
  },
});

/** The body of a push; the entries of a stream stand in the order of their time. */
function pushBody(items: readonly Item[]): string {
  const streams = [...Map.groupBy(items, ({ stream }) => stream)].map(([stream, group]) => {
    const entries = group.map(({ entry }) => entry).toSorted(byTime);
    return `{"stream":${stream},"values":${toJson(entries)}}`;
  });
  return `{"streams":[${streams.join(',')}]}`;
}

function byTime([a]: Entry, [b]: Entry): number {
  return Number(BigInt(a) - BigInt(b));
}

const PATH = '/loki/api/v1/push';

function pushUrl(endpoint: string): string {
  const url = new URL(endpoint);
  const path = url.pathname.replace(/\/+$/, '');
  url.pathname = path.endsWith(PATH) ? path : `${path}${PATH}`;
  return url.href;
}
