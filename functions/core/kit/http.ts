import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Http, HttpReply, HttpTls } from '../contract/http.ts';
import { delivered, rejected, retry, split, type Outcome } from '../contract/outcome.ts';
import { retryAfterMs } from '../contract/retry-after.ts';

/** No reply came. Its text names neither the URL nor a header, both of which can hold secrets. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code: string;

  constructor(code: string, detail: string) {
    super(detail);
    this.code = code;
  }
}

const REQUEST_TIMEOUT_MS = 15_000;
const MAX_REPLY_BYTES = 1024 * 1024;
const agents = new Map<string, { httpAgent: HttpAgent; httpsAgent: HttpsAgent }>();

function agentsFor(tls: HttpTls = {}): { httpAgent: HttpAgent; httpsAgent: HttpsAgent } {
  const key = JSON.stringify([tls.ca, tls.cert, tls.key, tls.insecure]);
  let pair = agents.get(key);
  if (!pair) {
    const { insecure, ...material } = tls;
    const keepAlive = { keepAlive: true, keepAliveMsecs: 30_000, timeout: 60_000 };
    pair = {
      httpAgent: new HttpAgent(keepAlive),
      httpsAgent: new HttpsAgent({ ...keepAlive, ...material, rejectUnauthorized: !insecure }),
    };
    agents.set(key, pair);
  }
  return pair;
}

/** An `Http` that gives up at `signal` or after a limit for each request, 15 s by default, whichever is first. */
export function createHttp(signal: AbortSignal, requestTimeoutMs = REQUEST_TIMEOUT_MS): Http {
  return async function http(request) {
    // axios' own timeout does not cover a stalled connect: a signal covers every phase.
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]);
    // Loaded by the first request: sinks that speak no HTTP need not pay for it at a cold start.
    const { default: axios, isAxiosError } = await import('axios');
    try {
      const reply = await axios.request<ArrayBuffer>({
        method: request.method,
        url: request.url,
        headers: { Accept: '*/*', 'User-Agent': 'kube-courier', ...request.headers },
        data: typeof request.body === 'string' ? Buffer.from(request.body) : request.body,
        signal: bounded,
        ...agentsFor(request.tls),
        maxRedirects: 0,
        maxContentLength: MAX_REPLY_BYTES,
        maxBodyLength: Infinity,
        responseType: 'arraybuffer',
        validateStatus: () => true,
        transformRequest: [],
        transformResponse: [],
      });
      const headers = Object.entries(reply.headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
      const bytes = Buffer.from(reply.data);
      return { status: reply.status, headers: Object.fromEntries(headers), body: bytes.toString(), bytes };
    } catch (error) {
      if (bounded.aborted) throw new HttpError('timeout', 'no complete reply in time');
      throw new HttpError(
        ...(isAxiosError(error) ? transportFailure(error.code ?? '', error.message) : transportFailure('')),
      );
    }
  };
}

/**
 * The outcome's code and detail for an error of Node's sockets, DNS or TLS; sinks with a wire protocol share it.
 * @param message of which only the name of a host that cannot be found is repeated
 */
export function transportFailure(code: string, message = ''): [code: string, detail: string] {
  switch (code) {
    case 'ETIMEDOUT':
      return ['timeout', 'no complete reply in time'];
    case 'ECONNREFUSED':
      return ['connection_refused', 'the connection was refused'];
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return ['host_not_found', `the host ${unknownHost(message) ?? 'in the address'} cannot be found`];
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ECONNABORTED':
      return ['connection_lost', 'the connection broke before the reply was complete'];
    case 'ERR_INVALID_URL':
      return ['invalid_url', 'the URL is not valid'];
    case 'ERR_BAD_RESPONSE':
      return ['bad_reply', 'the reply was larger than 1 MiB or broke off'];
    default:
      return /CERT|TLS|SSL|SELF_SIGNED|ALTNAME|VERIFY/.test(code)
        ? ['tls_failed', `the TLS certificate was not accepted (${code})`]
        : ['connection_failed', `no reply (${code || 'unknown cause'})`];
  }
}

/** The host in what Node says of one that DNS does not know, such as `getaddrinfo ENOTFOUND hooks.example.com`. */
export function unknownHost(message: string): string | undefined {
  return /\b(?:ENOTFOUND|EAI_AGAIN) ([\w.-]+)/.exec(message)?.[1];
}

const LATER = new Set([408, 425, 429]);
const WRONG_ADDRESS_OR_CREDENTIAL = new Set([401, 403, 404, 405, 407, 410, 501]);

/**
 * The default meaning of an HTTP reply to a parcel. A sink whose service says more in the body looks there first.
 *
 * 2xx delivered; 408, 425, 429 and 5xx but 501 retry, after `Retry-After` if given; 3xx, 401, 403, 404, 405, 407, 410 and 501
 * reject the destination; 413 and other 4xx split the parcel, which rejects a single event; what is no status of a final reply
 * is retried.
 */
export function classify(reply: HttpReply, now: Date): Outcome {
  const { status } = reply;
  if (status >= 200 && status < 300) return delivered;
  const code = `http_${status}`;
  const said = excerpt(reply.body);
  const detail = `HTTP ${status}${said}`;
  if (status < 300 || status > 599) return retry('bad_reply', detail);
  if (status < 400)
    return rejected('destination', code, `HTTP ${status} (redirects are not followed: use the final URL)${said}`);
  if (WRONG_ADDRESS_OR_CREDENTIAL.has(status)) return rejected('destination', code, detail);
  if (status >= 500 || LATER.has(status)) {
    const afterMs = retryAfterMs(reply.headers['retry-after'], now.getTime());
    return retry(code, detail, afterMs === undefined ? {} : { afterMs });
  }
  return split(code, detail);
}

/** A reply's body for the end of an outcome's detail, on one line. Whoever shows it cuts it, once it is without secrets. */
export function excerpt(body: string): string {
  const line = body.replace(/\s+/g, ' ').trim();
  return line === '' ? '' : `: ${line}`;
}
