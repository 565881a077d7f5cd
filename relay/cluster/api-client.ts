import http, { type IncomingMessage } from 'node:http';
import https, { type AgentOptions } from 'node:https';
import { messageOf } from '../../functions/core/contract/untrusted.ts';
import { createAgent, hostOf, PROBE_AFTER_MS } from '../proxy.ts';
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
  /** What `credentials` waits for just now, for people; undefined if for nothing. */
  waitsFor?(): string | undefined;
  /** Ends what `credentials` has begun. */
  close?(): void;
}

export interface ClusterCredentials {
  readonly server: URL;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly tls: Pick<AgentOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'servername'>;
  /** Where connections need one of their own (a proxy). */
  readonly agent?: http.Agent;
  /** That proxy's address, for people. */
  readonly proxy?: string;
  /** What besides the headers must not be shown: a proxy's URL may hold a login. */
  readonly secrets?: readonly string[];
}

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The form of the answer. @default application/json */
  readonly accept?: string;
  /** Time for the credentials, and again for connecting and the head of the answer; the body of a small answer has it too. */
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
  const agents = { 'http:': createAgent('http:', undefined), 'https:': createAgent('https:', undefined) };
  const clock = createServerClock();

  async function request(call: ApiRequest, refused: boolean): Promise<IncomingMessage> {
    const { server, headers, tls, agent, proxy, secrets = [] } = await credentials(call, refused);
    for (const secret of [headers['authorization'] ?? [], secrets].flat()) conceal(secret);
    const plain = server.protocol === 'http:';
    const query = new URLSearchParams(call.query).toString();
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const attempt = async (): Promise<IncomingMessage> =>
      respond(
        (plain ? http : https).request({
          protocol: server.protocol,
          host: hostOf(server),
          port: server.port === '' ? undefined : server.port,
          path: `${server.pathname.replace(/\/$/, '')}${call.path}${query === '' ? '' : `?${query}`}`,
          method: call.method ?? 'GET',
          headers: {
            accept: call.accept ?? 'application/json',
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
    const response = await attempt().catch((error: unknown) => {
      // Who does not answer may be the proxy.
      if (proxy === undefined) throw error;
      throw new Error(`${messageOf(error)} (through the proxy ${proxy})`, { cause: error });
    });
    clock.see(response.headers.date);
    return response;
  }

  /** Also a plugin or a file that never answers has an end. */
  function credentials({ timeoutMs, signal }: ApiRequest, refused: boolean): Promise<ClusterCredentials> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const waits = access.waitsFor?.();
        const reason = waits === undefined ? '' : `: ${waits} does not answer`;
        reject(new Error(`no credentials for the API server within ${timeoutMs / 1000} s${reason}`));
      }, timeoutMs);
      const abort = (): void => reject(new Error('aborted'));
      signal.addEventListener('abort', abort);
      if (signal.aborted) abort();
      access
        .credentials(refused)
        .then(resolve, reject)
        .finally(() => {
          clearTimeout(timer);
          signal.removeEventListener('abort', abort);
        });
    });
  }

  async function open(call: ApiRequest): Promise<ApiResponse> {
    let response = await request(call, false);
    if (response.statusCode === 401) {
      // Not read to its end: that may never come.
      response.destroy();
      response = await request(call, true);
    }
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) return { body: response };
    const text = await wholeBody(response, call.timeoutMs).catch(() => '');
    const retryAfter = response.headers['retry-after'];
    throw new ApiError(status, parseOr(text, { message: status < 400 ? 'redirects are refused' : '' }), retryAfter);
  }

  return {
    open,
    async json(call) {
      const { body } = await open(call);
      return JSON.parse(await wholeBody(body, call.timeoutMs));
    },
    serverNow: () => clock.now(),
    close() {
      agents['http:'].destroy();
      agents['https:'].destroy();
      access.close?.();
    },
  };
}

function respond(call: http.ClientRequest, body: string | undefined, timeoutMs: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      call.destroy(new Error(`no answer from the API server within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    call.on('socket', (socket) => socket.setKeepAlive(true, PROBE_AFTER_MS));
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

async function wholeBody(body: IncomingMessage, limitMs: number): Promise<string> {
  const timer = setTimeout(() => body.destroy(new Error(`the answer did not end within ${limitMs / 1000} s`)), limitMs);
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      if (!Buffer.isBuffer(chunk)) continue;
      parts.push(chunk);
      size += chunk.length;
      if (size > MAX_JSON_BYTES) throw new Error('the answer is too long');
    }
    return Buffer.concat(parts).toString('utf8');
  } finally {
    clearTimeout(timer);
  }
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
