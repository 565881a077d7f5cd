import { ApiError, failureOf } from './failure.ts';

export type Query = Readonly<Record<string, string>>;

/** The server that the page came from. What it answers is taken to be what `contract.ts` says. */
export interface Api {
  get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T>;
  send<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body: unknown, query?: Query): Promise<T>;
  readonly stream: (lastEventId: string, signal: AbortSignal) => Promise<Response>;
}

const LIMIT_MS = 60_000;

export function createApi(token: string): Api {
  const headers = { Authorization: `Bearer ${token}` };

  const call = async <T>(path: string, init: RequestInit, query: Query = {}): Promise<T> => {
    const search = new URLSearchParams(query).toString();
    const limit = AbortSignal.timeout(LIMIT_MS);
    const signal = init.signal ? AbortSignal.any([init.signal, limit]) : limit;
    let response: Response;
    try {
      response = await fetch(search === '' ? path : `${path}?${search}`, { ...init, signal, cache: 'no-store' });
    } catch (error) {
      if (init.signal?.aborted === true) throw error;
      throw new ApiError(failureOf(limit.aborted ? 'late' : 'unreachable', undefined), 0);
    }
    const body = await response.json().catch(() => undefined);
    if (!response.ok) throw new ApiError(failureOf(response.status, body), response.status);
    return body;
  };

  return {
    get: (path, query, signal) => call(path, { headers, ...(signal && { signal }) }, query),
    send: (method, path, body, query) =>
      call(
        path,
        { method, headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) },
        query,
      ),
    stream: (lastEventId, signal) =>
      fetch('/api/stream', {
        headers: { ...headers, ...(lastEventId !== '' && { 'Last-Event-ID': lastEventId }) },
        signal,
        cache: 'no-store',
      }),
  };
}
