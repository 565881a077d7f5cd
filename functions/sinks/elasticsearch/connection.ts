import {
  BaseConnection,
  Transport,
  type ConnectionRequestOptions,
  type ConnectionRequestOptionsAsStream,
  type ConnectionRequestParams,
  type ConnectionRequestResponse,
  type ConnectionRequestResponseAsStream,
  type TransportOptions,
} from '@elastic/elasticsearch';
import type { Http, HttpRequest } from '../../core/contract/http.ts';
import type { SinkContext } from '../../core/contract/sink.ts';
import { signed } from '../../core/kit/sign.ts';

/** What a request needs of the invocation it belongs to; the client, which outlives it, hands it on as the request's context. */
export interface RequestContext {
  readonly http: Http;
}

/** A node of the cluster, reached through the invocation's own HTTP: its deadline, its connections, its errors. */
export class InvocationConnection extends BaseConnection {
  override async request(
    params: ConnectionRequestParams,
    options: ConnectionRequestOptions,
  ): Promise<ConnectionRequestResponse>;
  override async request(
    params: ConnectionRequestParams,
    options: ConnectionRequestOptionsAsStream,
  ): Promise<ConnectionRequestResponseAsStream>;
  override async request(
    params: ConnectionRequestParams,
    options: ConnectionRequestOptions,
  ): Promise<ConnectionRequestResponse | ConnectionRequestResponseAsStream> {
    const { http }: RequestContext = options.context;
    const { body, method, path, querystring } = params;
    if (typeof body !== 'string' && !Buffer.isBuffer(body)) throw new Error('expected a bulk request with a body');
    const base = this.url.href.replace(/\/$/, '');
    const headers = Object.entries({ ...this.headers, ...params.headers }).map(([name, value]) => [
      name,
      String(value),
    ]);
    const reply = await http({
      method,
      url: `${base}${path}${querystring ? `?${querystring}` : ''}`,
      headers: Object.fromEntries(headers),
      body,
    });
    return { statusCode: reply.status, headers: { ...reply.headers }, body: reply.body };
  }

  /** Nothing to close: the sockets belong to the invocation's HTTP. */
  override async close(): Promise<void> {}
}

/**
 * The client's transport with plain media types and without its product check, so that every Elasticsearch since 7 and
 * OpenSearch understand it. The check comes after the write anyway, so it would only make a success look like a failure.
 */
export class PlainTransport extends Transport {
  constructor(options: TransportOptions) {
    super(plain(options));
  }
}

function plain(options: TransportOptions): TransportOptions {
  const { productCheck: _, ...rest } = options;
  return {
    ...rest,
    vendoredHeaders: {
      jsonContentType: 'application/json',
      ndjsonContentType: 'application/x-ndjson',
      accept: 'application/json',
    },
  };
}

/** Signs a request for an Amazon OpenSearch Service domain (`es`) or a Serverless collection (`aoss`). */
export async function signedFor(
  service: 'es' | 'aoss',
  request: HttpRequest,
  ctx: Pick<SinkContext<unknown, unknown>, 'aws' | 'now'>,
): Promise<HttpRequest> {
  // A domain's own host name says its region, which need not be the function's.
  const [, named] = /\.([a-z0-9-]+)\.(?:es|aoss)\.amazonaws\.(?:com|eu)/.exec(new URL(request.url).hostname) ?? [];
  return signed(request, { service, region: named ?? (await ctx.aws.region()) }, ctx);
}
