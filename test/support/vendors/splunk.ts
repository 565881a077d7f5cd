import { gunzipSync } from 'node:zlib';
import { isRecord, recordOf } from '../../../functions/core/contract/untrusted.ts';
import { startHttpServer, type Answer, type ReceivedRequest } from '../http-server.ts';

export interface SplunkToken {
  readonly token: string;
  readonly indexes: readonly string[];
  /** A token with indexer acknowledgement wants a channel. */
  readonly wantsChannel?: boolean;
  /** Whether an event is one that Splunk refuses. */
  readonly isRefused?: (entry: Readonly<Record<string, unknown>>) => boolean;
}

export interface SplunkFake {
  readonly url: string;
  /** What is stored: what came before a refused event is, too. */
  readonly entries: readonly Readonly<Record<string, unknown>>[];
  readonly requests: () => number;
  readonly stop: () => Promise<void>;
}

const MAX_BYTES = 1_000_000;

/**
 * A strict stand-in for the HTTP Event Collector: token, index, channel, objects one after another, indexed fields, and what is
 * stored before an event that is refused. Source: Splunk documentation, "Format events for HTTP Event Collector" and its error codes.
 */
export async function startSplunk({
  token,
  indexes,
  wantsChannel = false,
  isRefused = () => false,
}: SplunkToken): Promise<SplunkFake> {
  const entries: Readonly<Record<string, unknown>>[] = [];
  let requests = 0;

  function answer(request: ReceivedRequest): Answer {
    requests += 1;
    if (`${request.method} ${request.path}` !== 'POST /services/collector/event')
      return { status: 404, body: '<html>not found</html>' };
    const authorization = request.headers['authorization'] ?? '';
    if (authorization === '') return said(401, 2, 'Token is required');
    if (authorization !== `Splunk ${token}`) return said(403, 4, 'Invalid token');
    if (wantsChannel && request.headers['x-splunk-request-channel'] === undefined)
      return said(400, 10, 'Data channel is missing');
    const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(request.bytes) : request.bytes;
    if (bytes.length > MAX_BYTES) return { status: 413, body: '' };
    const lines = new TextDecoder('utf-8', { fatal: true }).decode(bytes).split('\n');
    if (lines.length === 0) return said(400, 5, 'No data');
    for (const [index, line] of lines.entries()) {
      const entry = recordOf(JSON.parse(line));
      const wrong = wrongIn(entry) ?? (isRefused(entry) ? ([6, 'Invalid data format'] as const) : undefined);
      if (wrong) return said(400, wrong[0], wrong[1], index);
      entries.push(entry);
    }
    return said(200, 0, 'Success');
  }

  function wrongIn(entry: Readonly<Record<string, unknown>>): readonly [number, string] | undefined {
    const { event, fields, index, time } = entry;
    if (event === undefined) return [12, 'Event field is required'];
    if (event === '') return [13, 'Event field cannot be blank'];
    if (typeof time !== 'number' || !isRecord(event)) return [6, 'Invalid data format'];
    if (!Object.values(recordOf(fields)).every((value) => typeof value === 'string' && value !== ''))
      return [15, 'Error in handling indexed fields'];
    if (index !== undefined && !indexes.some((known) => known === index)) return [7, 'Incorrect index'];
    return undefined;
  }

  const server = await startHttpServer(answer);
  return { url: server.url, entries, requests: () => requests, stop: () => server.stop() };
}

function said(status: number, code: number, text: string, refused?: number): Answer {
  const body = { text, code, ...(refused !== undefined && { 'invalid-event-number': refused }) };
  return { status, body: JSON.stringify(body) };
}
