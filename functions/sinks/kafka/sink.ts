import { chunk } from '../../core/kit/chunk.ts';
import type { ClusterEvent } from '../../core/contract/event.ts';
import { toJson } from '../../core/kit/json.ts';
import { delivered, rejected, retry, type Outcome } from '../../core/contract/outcome.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { renderTree } from '../../core/kit/template.ts';
import { classify, isUnknownTopic } from './classify.ts';
import { createClient, type KafkaRecord } from './client.ts';
import { config } from './config.ts';

/**
 * One record per event, keyed by the involved object, acknowledged by all in-sync replicas; an outcome for each record, because
 * partitions fare differently. If the answer is that there is no such topic, the cluster is asked for it once more: a partition
 * that has moved is answered alike. Connecting tries each broker of the list once.
 */
export const sink = defineSink({
  config,
  render(events, options) {
    const items = events.map((event) => ({ event, record: renderRecord(event, options.body) }));
    const limits = { maxItems: Infinity, maxBytes: options.maxBatchBytes };
    return chunk(items, limits, ({ record }) => sizeBytes(record)).map((part) => ({
      events: part.map(({ event }) => event),
      payload: part.map(({ record }) => record),
    }));
  },
  connect: async (ctx) => createClient(ctx),
  close: (client) => client.close(),
  async send({ payload }, client, { options, secrets }) {
    const missing = missingCredential(options, secrets);
    if (missing !== undefined) return rejected('destination', 'credentials_missing', missing);
    const failures = await client.send(payload);
    const isTopicMissing = failures.some(isUnknownTopic) && !(await client.topicExists());
    return payload.map((_, index): Outcome => {
      const failure = failures[index];
      if (failure === undefined || failure === null) return delivered;
      if (!isUnknownTopic(failure)) return classify(failure);
      if (!isTopicMissing) return retry('leader_not_available', 'the partition has moved to another broker');
      return options.createTopic
        ? retry('topic_being_created', `topic ${options.topic} does not exist yet`)
        : rejected('destination', 'topic_missing', `topic ${options.topic} does not exist`);
    });
  },
});

function renderRecord(event: ClusterEvent, body: unknown): KafkaRecord {
  const { raw: _, ...view } = event;
  const { kind, namespace, name } = event.object;
  return {
    // What happens to one object stays in order, in one partition.
    key: [event.cluster, namespace, kind, name].join('/'),
    value: toJson(body === undefined ? view : renderTree(body, { event })),
    headers: {
      'event-id': event.id,
      'content-type': 'application/json',
      cluster: event.cluster,
      namespace,
      type: event.type,
      reason: event.reason,
    },
  };
}

/** Lengths and offsets of a record in its batch; generous. */
const RECORD_OVERHEAD_BYTES = 100;

function sizeBytes({ key, value, headers }: KafkaRecord): number {
  return [key, value, ...Object.entries(headers).flat()].reduce(
    (sum, text) => sum + Buffer.byteLength(text),
    RECORD_OVERHEAD_BYTES,
  );
}

function missingCredential(
  options: { readonly auth: string; readonly username?: string | undefined },
  secrets: { readonly password?: unknown; readonly clientCertificate?: unknown; readonly clientKey?: unknown },
): string | undefined {
  const needsLogin = options.auth !== 'none' && options.auth !== 'msk-iam';
  if (needsLogin && options.username === undefined) return `auth ${options.auth} needs username in the options`;
  if (needsLogin && secrets.password === undefined) return `auth ${options.auth} needs password in the secrets`;
  if (secrets.clientCertificate !== undefined && secrets.clientKey === undefined)
    return 'clientCertificate needs clientKey in the secrets';
  if (secrets.clientKey !== undefined && secrets.clientCertificate === undefined)
    return 'clientKey needs clientCertificate';
  return undefined;
}
