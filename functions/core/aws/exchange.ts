import http from 'node:http';
import https from 'node:https';

/** What bounds an exchange. */
export interface ExchangeLimits {
  /** Time for all of it in milliseconds, the end of the answer's body included. */
  readonly limitMs: number;
  /** Time for a new connection among it, TLS included. @default limitMs */
  readonly connectMs?: number;
  /** What is read of an answer's body. @default 256 KiB */
  readonly maxBytes?: number;
  /** Ends it sooner. */
  readonly signal?: AbortSignal;
}

export interface ExchangeRequest extends ExchangeLimits {
  readonly url: URL;
  readonly agent: http.Agent;
  readonly method: string;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body?: string | Uint8Array | undefined;
}

export interface ExchangeAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

const MAX_ANSWER_BYTES = 256 * 1024;

/**
 * One request and its answer, held whole. Redirects are answers like others.
 * @throws {Error} with a `code`: Node's, `ETIMEDOUT` past a limit, or `answer_too_long`; or the signal's reason.
 */
export function exchange({ url, agent, method, headers, body, ...limits }: ExchangeRequest): Promise<ExchangeAnswer> {
  const { limitMs, connectMs = limitMs, maxBytes = MAX_ANSWER_BYTES, signal } = limits;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const request = (url.protocol === 'http:' ? http : https).request(url, {
      agent,
      method,
      headers,
      // Of a proxy's tunnel, which is not part of the request until it is there.
      timeout: limitMs,
    });
    const timer = setTimeout(() => fail(timeout(`no answer within ${limitMs / 1000} s`)), limitMs);
    const abort = (): void => fail(signal?.reason);
    signal?.addEventListener('abort', abort);
    let connecting: NodeJS.Timeout | undefined;

    const settle = (): void => {
      clearTimeout(timer);
      clearTimeout(connecting);
      signal?.removeEventListener('abort', abort);
    };
    /** The connection is of no more use, even where an answer has begun on it. */
    function fail(error: unknown): void {
      settle();
      request.destroy();
      reject(error);
    }

    request.on('error', fail);
    request.on('socket', (socket) => {
      // One that is kept open is connected already.
      if (connectMs >= limitMs || !socket.connecting) return;
      connecting = setTimeout(() => fail(timeout(`no connection within ${connectMs / 1000} s`)), connectMs);
      socket.once(url.protocol === 'http:' ? 'connect' : 'secureConnect', () => clearTimeout(connecting));
    });
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('error', fail);
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > maxBytes) fail(errorOf('answer_too_long', 'the answer is too long'));
      });
      response.on('end', () => {
        settle();
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    request.end(body);
  });
}

function timeout(message: string): Error {
  return errorOf('ETIMEDOUT', message);
}

function errorOf(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
