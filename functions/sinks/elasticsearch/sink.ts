import { Client, errors } from '@elastic/elasticsearch';
import { chunk } from '../../core/kit/chunk.ts';
import type { Http } from '../../core/contract/http.ts';
import { retry, type Outcome } from '../../core/contract/outcome.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { config } from './config.ts';
import { InvocationConnection, PlainTransport, signedFor, type RequestContext } from './connection.ts';
import { bulkLines } from './document.ts';
import { bulkOutcomes, requestOutcome } from './reply.ts';

/** Far below the smallest limit there is: 10 MiB on small Amazon OpenSearch Service instances. */
const LIMITS = { maxItems: 1000, maxBytes: 5_000_000 };

/** One bulk request per parcel, through Elastic's client; what is sent and how it is answered is the same for OpenSearch. */
export const sink = defineSink({
  config,
  render(events, options) {
    const rendered = events.map((event) => ({ event, lines: bulkLines(event, options) }));
    const bytesOf = ({ lines }: { lines: readonly string[] }): number =>
      lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
    return chunk(rendered, LIMITS, bytesOf).map((run) => ({
      events: run.map(({ event }) => event),
      payload: run.flatMap(({ lines }) => lines),
    }));
  },
  async connect({ options, secrets, now }) {
    const { apiKey, password, bearerToken } = secrets;
    const auth =
      (apiKey && { apiKey: apiKey.reveal() }) ??
      (bearerToken && { bearer: bearerToken.reveal() }) ??
      (options.username && password && { username: options.username, password: password.reveal() });
    return new Client({
      ...(options.cloudId === undefined
        ? { nodes: rotated([options.endpoint ?? []].flat(), now().getTime()) }
        : { cloud: { id: options.cloudId } }),
      ...(auth && { auth }),
      Connection: InvocationConnection,
      Transport: PlainTransport,
      compression: options.compression,
      maxRetries: 0,
      enableMetaHeader: false,
      headers: { 'user-agent': 'kube-courier' },
    });
  },
  async close(client) {
    await client.close();
  },
  async send(parcel, client, ctx): Promise<Outcome | readonly Outcome[]> {
    const { options } = ctx;
    const http: Http = async (request) => {
      const { awsService, tls } = options;
      const ready = awsService ? await signedFor(awsService, request, ctx) : request;
      ctx.conceal(ready.headers?.['authorization'] ?? '');
      return ctx.http({ ...ready, ...(tls && { tls }) });
    };
    try {
      const body = await client.bulk(
        {
          operations: [...parcel.payload],
          ...(options.pipeline && { pipeline: options.pipeline }),
          filter_path: ['errors', 'items.*.status', 'items.*.error.type', 'items.*.error.reason'],
        },
        { context: { http } satisfies RequestContext },
      );
      return bulkOutcomes(body, parcel.events.length);
    } catch (error) {
      if (error instanceof errors.ResponseError) return requestOutcome(replyOf(error), ctx.now());
      if (error instanceof errors.DeserializationError) return retry('unexpected_reply', 'the reply is not JSON');
      throw error;
    }
  },
});

/** A client uses its nodes in turn, beginning with the first, and is made anew after a failure: not always with the dead one. */
function rotated(nodes: readonly string[], by: number): string[] {
  const first = by % nodes.length;
  return [...nodes.slice(first), ...nodes.slice(0, first)];
}

function replyOf(error: errors.ResponseError): Parameters<typeof requestOutcome>[0] {
  const { body, statusCode = 0, headers = {} } = error;
  return {
    status: statusCode,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    body: typeof body === 'string' ? body : JSON.stringify(body ?? ''),
  };
}
