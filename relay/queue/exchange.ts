import http from 'node:http';
import https from 'node:https';

export interface ExchangeRequest {
  readonly url: URL;
  readonly agent: http.Agent;
  readonly method: string;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body?: string | Uint8Array | undefined;
  /** Time for all of it, the end of the answer's body included. */
  readonly limitMs: number;
}

export interface ExchangeAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** No answer that the relay waits for is longer. */
const MAX_ANSWER_BYTES = 256 * 1024;

/**
 * One request and its answer, held whole.
 * @throws {Error} with a `code`: Node's, `ETIMEDOUT` past the limit, or `answer_too_long`.
 */
export function exchange({ url, agent, method, headers, body, limitMs }: ExchangeRequest): Promise<ExchangeAnswer> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'http:' ? http : https).request(url, {
      agent,
      method,
      headers,
      // Of a proxy's tunnel, which is not part of the request until it is there.
      timeout: limitMs,
    });
    const timer = setTimeout(() => {
      request.destroy(errorOf('ETIMEDOUT', `no answer within ${limitMs / 1000} s`));
    }, limitMs);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    request.on('error', fail);
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('error', fail);
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > MAX_ANSWER_BYTES) response.destroy(errorOf('answer_too_long', 'the answer is too long'));
      });
      response.on('end', () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    request.end(body);
  });
}

function errorOf(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
