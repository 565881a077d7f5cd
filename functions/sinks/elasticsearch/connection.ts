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
import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Http, HttpRequest } from '../../core/contract/http.ts';
import type { AwsAccess } from '../../core/contract/sink.ts';

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

/** Signs a request for an Amazon OpenSearch Service domain (`es`) or a Serverless collection (`aoss`), AWS Signature 4. */
export async function signed(
  request: HttpRequest,
  service: 'es' | 'aoss',
  ctx: { readonly aws: AwsAccess; readonly now: () => Date },
): Promise<HttpRequest> {
  const url = new URL(request.url);
  const signer = new SignatureV4({
    service,
    // A domain's own host name says its region, which need not be the function's.
    region: /\.([a-z0-9-]+)\.(es|aoss)\.amazonaws\.com/.exec(url.hostname)?.[1] ?? (await ctx.aws.region()),
    credentials: await ctx.aws.credentials(),
    sha256: Hash.bind(null, 'sha256'),
  });
  const { headers } = await signer.sign(
    {
      method: request.method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { host: url.host, 'content-type': request.headers?.['content-type'] ?? '' },
      body: request.body,
    },
    { signingDate: ctx.now() },
  );
  return { ...request, headers: { ...request.headers, ...headers } };
}
