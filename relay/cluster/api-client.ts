import http, { type IncomingMessage } from 'node:http';
import https, { type AgentOptions } from 'node:https';
import { ApiError } from './api-error.ts';
import { createServerClock } from './server-clock.ts';

/** How to reach and convince an API server. */
export interface ClusterAccess {
  /** For log lines: where the relay is looking. */
  readonly description: string;
  /**
   * Read anew for each connection, so that rotated tokens and authorities are followed.
   * @param refused whether the server has just refused the last ones (401).
   */
  credentials(refused: boolean): Promise<ClusterCredentials>;
}

export interface ClusterCredentials {
  readonly server: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: Pick<AgentOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'servername'>;
  /** Where connections need one of their own (a proxy). */
  readonly agent?: http.Agent;
  /** What besides the headers must not be shown: a proxy's URL may hold a login. */
  readonly secrets?: readonly string[];
}

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Time for connecting and the head of the answer. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface ApiResponse {
  readonly body: IncomingMessage;
}

export interface ApiClient {
  /**
   * Sends a request and gives the answer's body to be read.
   * @throws {ApiError} for anything but 2xx; redirects are refused.
   */
  open(request: ApiRequest): Promise<ApiResponse>;
  /** For small answers: the body, parsed. */
  json(request: ApiRequest): Promise<unknown>;
  /** Epoch milliseconds by the API server's clock ({@link createServerClock}). */
  serverNow(): number;
  close(): void;
}

/** Bound of an answer that is held whole (Status objects, Leases). */
const MAX_JSON_BYTES = 1024 * 1024;

/**
 * A client for the few calls the relay makes, on node:http(s): no fetch, no generated API, so that the stream can be
 * paused and memory stays small.
 */
export function createApiClient(
  access: ClusterAccess,
  userAgent: string,
  conceal: (text: string) => void = () => {},
): ApiClient {
  const options = { keepAlive: true, keepAliveMsecs: 30_000 };
  const agents = { 'http:': new http.Agent(options), 'https:': new https.Agent(options) };
  const clock = createServerClock();

  async function request(call: ApiRequest, refused: boolean): Promise<IncomingMessage> {
    const { server, headers, tls, agent, secrets = [] } = await access.credentials(refused);
    for (const secret of [...Object.values(headers), ...secrets]) conceal(secret);
    const plain = server.protocol === 'http:';
    const query = new URLSearchParams(call.query).toString();
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const attempt = async (): Promise<IncomingMessage> =>
      respond(
        (plain ? http : https).request({
          protocol: server.protocol,
          host: server.hostname.replace(/^\[|\]$/g, ''),
          port: server.port === '' ? undefined : server.port,
          path: `${server.pathname.replace(/\/$/, '')}${call.path}${query === '' ? '' : `?${query}`}`,
          method: call.method ?? 'GET',
          headers: {
            accept: 'application/json',
            'user-agent': userAgent,
            ...headers,
            ...(body !== undefined && {
              'content-type': 'application/json',
              'content-length': Buffer.byteLength(body),
            }),
          },
          agent: agent ?? (plain ? agents['http:'] : agents['https:']),
          ...(plain ? {} : tls),
          signal: call.signal,
        }),
        body,
        call.timeoutMs,
      );
    const response = await attempt();
    clock.see(response.headers.date);
    return response;
  }

  async function open(call: ApiRequest): Promise<ApiResponse> {
    let response = await request(call, false);
    if (response.statusCode === 401) {
      response.resume();
      response = await request(call, true);
    }
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) return { body: response };
    const text = await wholeBody(response).catch(() => '');
    const retryAfter = response.headers['retry-after'];
    throw new ApiError(status, parseOr(text, { message: status < 400 ? 'redirects are refused' : '' }), retryAfter);
  }

  return {
    open,
    async json(call) {
      const { body } = await open(call);
      const timer = setTimeout(() => body.destroy(new Error('the answer did not end in time')), call.timeoutMs);
      try {
        return JSON.parse(await wholeBody(body));
      } finally {
        clearTimeout(timer);
      }
    },
    serverNow: () => clock.now(),
    close() {
      agents['http:'].destroy();
      agents['https:'].destroy();
    },
  };
}

function respond(call: http.ClientRequest, body: string | undefined, timeoutMs: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      call.destroy(new Error(`no answer from the API server within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    call.on('socket', (socket) => socket.setKeepAlive(true, 30_000));
    call.on('response', (response) => {
      clearTimeout(timer);
      resolve(response);
    });
    call.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    call.end(body);
  });
}

async function wholeBody(body: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunksOf(body, () => 30_000)) {
    parts.push(chunk);
    size += chunk.length;
    if (size > MAX_JSON_BYTES) throw new Error('the answer is too long');
  }
  return Buffer.concat(parts).toString('utf8');
}

/**
 * The chunks of a body. Waiting for one longer than `idleMs()` ends the connection with an error; while the consumer
 * is busy or holds back, nothing is read and no time counts.
 */
export async function* chunksOf(body: IncomingMessage, idleMs: () => number): AsyncGenerator<Buffer, void, void> {
  let timer: NodeJS.Timeout | undefined;
  const arm = (): void => {
    const ms = idleMs();
    timer = setTimeout(() => body.destroy(new Error(`nothing came for ${Math.round(ms / 1000)} s`)), ms);
  };
  arm();
  try {
    for await (const chunk of body) {
      clearTimeout(timer);
      if (Buffer.isBuffer(chunk)) yield chunk;
      arm();
    }
  } finally {
    clearTimeout(timer);
  }
}

function parseOr(text: string, fallback: unknown): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return fallback;
  }
}
