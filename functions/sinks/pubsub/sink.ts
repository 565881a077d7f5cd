import type { ClusterEvent } from '../../core/contract/event.ts';
import { rejected, retry, type Outcome } from '../../core/contract/outcome.ts';
import type { Secret } from '../../core/contract/secret.ts';
import { defineSink, type SinkContext } from '../../core/contract/sink.ts';
import { chunk } from '../../core/kit/chunk.ts';
import { toJson } from '../../core/kit/json.ts';
import { eventDocument, filterTexts, MAX_RECORD_BYTES, objectKey } from '../../core/kit/event-document.ts';
import { config } from './config.ts';
import { outcomeOf } from './reply.ts';
import { bearerToken, serviceAccountOf } from './token.ts';

/** A request takes 1,000 messages and 10 MB. https://cloud.google.com/pubsub/quotas#resource_limits */
const LIMITS = { maxItems: 1000, maxBytes: 9_000_000 };

interface Secrets {
  readonly serviceAccount?: Secret | undefined;
}

/** A message for each event, many in a request. Pub/Sub does not recognise a repeat: the attribute `event-id` tells it. */
export const sink = defineSink({
  config,
  render(events, { ordered }) {
    // All messages of a request have to have the same ordering key, says the reference of `PubsubMessage.orderingKey`.
    const together = ordered ? Map.groupBy(events, objectKey).values() : [events];
    return [...together].flatMap((group) => {
      const messages = group.map((event) => ({ event, json: messageOf(event, ordered) }));
      return chunk(messages, LIMITS, ({ json }) => Buffer.byteLength(json) + 1).map((run) => ({
        events: run.map(({ event }) => event),
        payload: run.map(({ json }) => json),
      }));
    });
  },
  async send({ payload }, _client, ctx) {
    const { project, topic, endpoint } = ctx.options;
    const authorization = authorize(ctx);
    if ('status' in authorization) return authorization;
    const reply = await ctx.http({
      method: 'POST',
      url: `${endpoint.replace(/\/+$/, '')}/v1/projects/${project}/topics/${encodeURIComponent(topic)}:publish`,
      headers: { 'Content-Type': 'application/json', ...authorization },
      body: `{"messages":[${payload.join(',')}]}`,
    });
    return outcomeOf(reply, payload.length, ctx.now());
  },
});

function messageOf(event: ClusterEvent, isOrdered: boolean): string {
  return toJson({
    data: Buffer.from(eventDocument(event, MAX_RECORD_BYTES)).toString('base64'),
    attributes: filterTexts(event),
    ...(isOrdered && { orderingKey: objectKey(event) }),
  });
}

/** The header that says who publishes, which an emulator does not ask for. */
function authorize({
  options,
  secrets,
  now,
  conceal,
}: Pick<SinkContext<{ readonly endpoint: string }, Secrets>, 'options' | 'secrets' | 'now' | 'conceal'>):
  | { readonly Authorization?: string }
  | Outcome {
  const text = secrets.serviceAccount?.reveal();
  if (text === undefined)
    return /\.googleapis\.com(?:[:/]|$)/.test(options.endpoint)
      ? retry('secret_missing', 'serviceAccount is missing')
      : {};
  const account = serviceAccountOf(text);
  try {
    if (!account) throw new Error('no key file');
    conceal(account.private_key);
    const token = bearerToken(account, now());
    conceal(token);
    return { Authorization: `Bearer ${token}` };
  } catch {
    return rejected('destination', 'key_invalid', 'the private key in serviceAccount cannot be read');
  }
}
