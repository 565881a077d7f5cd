import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';

/** A request as it arrived. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  /** The body, decompressed by its Content-Encoding, as text. */
  readonly body: string;
}

export interface Answer {
  readonly status?: number;
  readonly statusText?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Breaks the connection; or says nothing; or falls silent within the body. */
export type Fault = 'break' | 'hang' | 'stall';

/** Answers a request, or fails to. */
export type Responder = (request: ReceivedRequest) => Answer | Fault | Promise<Answer | Fault>;

export interface HttpServer {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly ReceivedRequest[];
  /** Replaces the responder. */
  respond(responder: Responder): void;
  stop(): Promise<void>;
}

/** A real HTTP server on loopback that records what it gets. Pass a port to come back on it. */
export async function startHttpServer(first: Responder, port = 0): Promise<HttpServer> {
  const requests: ReceivedRequest[] = [];
  let responder = first;
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  // Node ends idle connections after five seconds: on a loaded machine a client may just then send on one.
  server.keepAliveTimeout = 600_000;
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    requests,
    respond(next) {
      responder = next;
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const received = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers,
      bytes,
      body: decompress(bytes, headers['content-encoding']),
    };
    requests.push(received);
    const reply = await responder(received);
    if (reply === 'hang') return;
    if (reply === 'break') {
      response.destroy();
      return;
    }
    if (reply === 'stall') {
      response.writeHead(200, { 'content-length': '1000' }).write('{"');
      return;
    }
    response.writeHead(reply.status ?? 200, reply.statusText, reply.headers).end(reply.body);
  }
}

function decompress(bytes: Buffer, encoding: string | undefined): string {
  switch (encoding) {
    case 'gzip':
      return gunzipSync(bytes).toString();
    case 'deflate':
      return inflateSync(bytes).toString();
    case 'br':
      return brotliDecompressSync(bytes).toString();
    case 'zstd':
      return zstdDecompressSync(bytes).toString();
    default:
      return bytes.toString();
  }
}
