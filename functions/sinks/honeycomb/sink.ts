import { gzipSync } from 'node:zlib';
import { cutBytes } from '../../core/kit/text.ts';
import { chunk } from '../../core/kit/chunk.ts';
import type { ClusterEvent } from '../../core/contract/event.ts';
import { toJson } from '../../core/kit/json.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { config } from './config.ts';
import { batchOutcomes } from './reply.ts';

/** Honeycomb takes bodies of 5,000,000 bytes. https://docs.honeycomb.io/api/events/create-events */
const LIMITS = { maxItems: 1000, maxBytes: 4_500_000 };
/** The limit of a text; an event of only such texts stays below its own limit of 1,000,000 bytes. */
const MAX_TEXT_BYTES = 64_000;

/** One batch request per parcel; each event in it has a status of its own. */
export const sink = defineSink({
  config,
  render(events) {
    const rendered = events.map((event) => ({ event, json: eventJson(event) }));
    return chunk(rendered, LIMITS, ({ json }) => Buffer.byteLength(json) + 1).map((run) => ({
      events: run.map(({ event }) => event),
      payload: run.map(({ json }) => json),
    }));
  },
  async send(parcel, _client, ctx) {
    const { options, secrets } = ctx;
    const reply = await ctx.http({
      method: 'POST',
      url: `${options.endpoint.replace(/\/$/, '')}/1/batch/${encodeURIComponent(options.dataset)}`,
      headers: {
        'Content-Type': 'application/json',
        'Content-Encoding': 'gzip',
        'X-Honeycomb-Team': secrets.apiKey.reveal(),
      },
      body: gzipSync(`[${parcel.payload.join(',')}]`),
    });
    return batchOutcomes(reply, parcel.events.length, ctx.now());
  },
});

/** Flat names, as Honeycomb wants them: kube-eventer's, and those of what it leaves out. Empty ones are no columns. */
function eventJson(event: ClusterEvent): string {
  const { object, owner, namespace, source } = event;
  const texts = {
    cluster: event.cluster,
    namespace: object.namespace,
    kind: object.kind,
    name: object.name,
    subobject: object.fieldPath,
    type: event.type,
    severity: event.severity,
    reason: event.reason,
    message: event.message,
    action: event.action,
    'source.component': source.component,
    'source.host': source.host,
    'object.uid': object.uid,
    'object.api_version': object.apiVersion,
    'owner.kind': owner?.kind ?? '',
    'owner.name': owner?.name ?? '',
    node: event.node,
    'object.labels': pairs(object.labels),
    'namespace.labels': pairs(namespace.labels),
    'event.id': event.id,
    'event.uid': event.uid,
    'event.namespace': event.eventNamespace,
    'event.first_seen': event.firstSeen,
  };
  const columns = Object.entries(texts)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => [name, cutBytes(value, MAX_TEXT_BYTES)]);
  const others = { count: event.count, ...(owner && { 'owner.guessed': owner.guessed === true }) };
  return toJson({ time: event.lastSeen, data: { ...Object.fromEntries(columns), ...others } });
}

/** Labels as one text, `app=api,tier=web`: none of their names becomes a column. */
function pairs(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map((pair) => pair.join('='))
    .join(',');
}
