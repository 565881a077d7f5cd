import { createSseReader, type SseMessage } from './sse.ts';

/** `refused`: the token is not that of this server, and no waiting helps. */
export type StreamState = 'connecting' | 'open' | 'reconnecting' | 'refused';

/** As much of a response as is read here. */
export interface StreamResponse {
  readonly status: number;
  readonly body: { getReader(): StreamChunks } | null;
}

interface StreamChunks {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
}

export interface StreamSource {
  open(lastEventId: string, signal: AbortSignal): Promise<StreamResponse>;
  tell(message: SseMessage): void;
  say(state: StreamState): void;
  /** Waits, or ends when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 10_000;
/** As the contract has it: the server says something more often. */
const SILENCE_MS = 10_000;

/** Reads a stream until the signal aborts, and connects anew, from where it was, whenever it ends, fails or falls silent. Never rejects. */
export async function followStream(source: StreamSource, signal: AbortSignal): Promise<void> {
  let lastEventId = '';
  let failures = 0;
  source.say('connecting');
  while (!signal.aborted) {
    const connection = new AbortController();
    const end = (): void => connection.abort();
    signal.addEventListener('abort', end);
    try {
      const response = await limited(source.open(lastEventId, connection.signal), connection);
      if (response.status === 401 || response.status === 403) {
        source.say('refused');
        return;
      }
      if (response.status === 200 && response.body) {
        source.say('open');
        await readAll(response.body.getReader(), connection, (message) => {
          failures = 0;
          lastEventId = message.id;
          source.tell(message);
        });
      }
    } catch {
      // Whatever it was, it is tried again.
    } finally {
      signal.removeEventListener('abort', end);
      connection.abort();
    }
    if (signal.aborted) return;
    source.say('reconnecting');
    const wait = Math.min(FIRST_WAIT_MS * 2 ** failures, MAX_WAIT_MS);
    failures += 1;
    await source.wait(wait * (0.75 + Math.random() / 2), signal);
  }
}

async function readAll(
  chunks: StreamChunks,
  connection: AbortController,
  tell: (message: SseMessage) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  const take = createSseReader(tell);
  for (;;) {
    const { done, value } = await limited(chunks.read(), connection);
    if (done || connection.signal.aborted) return;
    take(decoder.decode(value, { stream: true }));
  }
}

/** Ends a connection on which nothing comes. Leaves nothing on its signal, which would keep each chunk for as long as the connection lasts. */
async function limited<T>(work: Promise<T>, connection: AbortController): Promise<T> {
  const { signal } = connection;
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = (): void => reject(new Error('the connection ended'));
  if (signal.aborted) end();
  signal.addEventListener('abort', end);
  const timer = setTimeout(() => connection.abort(), SILENCE_MS);
  try {
    return await Promise.race([work, ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}
