import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../ops/clock.ts';
import type { LiveEvent } from '../contract.ts';
import { createReading, mayResume, type Cursor, type Reading } from '../reading.ts';
import type { Kept, Ring } from '../ring.ts';
import type { ConsoleSource } from '../source.ts';
import { createFlowPoll, type Told } from './flow.ts';
import { Refusal } from './refusal.ts';
import { openListener, type Listener } from './sse.ts';

export const TICK_MS = 250;
const TICKS_PER_FLOW = 4;
/** Who has not read for so long never will. */
export const STUCK_MS = 30_000;
export const MAX_STREAMS = 20;
export const EVENTS_PER_TICK = 100;
/** For who comes, or comes back. */
export const FIRST_EVENTS = 1000;

export interface Streams {
  /** Answers with a stream, which goes on until the reader leaves. @throws {Refusal} */
  open(request: IncomingMessage, response: ServerResponse): void;
}

export interface StreamOptions {
  readonly ring: Ring;
  readonly flow: ConsoleSource['flow'];
  /** Tells this run of the server from others. */
  readonly run: string;
  readonly show: (kept: Kept) => LiveEvent;
  readonly conceal: (value: unknown) => unknown;
  readonly clock: Clock;
  /** Ends all streams. */
  readonly signal: AbortSignal;
}

interface Reader {
  readonly reading: Reading;
  readonly listener: Listener;
  behindSince: number | undefined;
}

/** The readers of the ring. Time passes for them in ticks, and only while there are any. */
export function createStreams({ ring, flow, run, show, conceal, clock, signal }: StreamOptions): Streams {
  const readers = new Set<Reader>();
  let latest: Told | undefined;
  let isTicking = false;
  const flowPoll = createFlowPoll(flow, (told) => {
    latest = told;
    for (const reader of readers) if (!reader.listener.isBehind()) reader.listener.send(told.event, told.data);
  });
  signal.addEventListener('abort', () => {
    for (const { listener } of readers) listener.end();
  });

  return {
    open(request, response) {
      if (readers.size >= MAX_STREAMS)
        throw new Refusal(503, `${MAX_STREAMS} pages are open already: close some of them, then load this one again`);
      const given = cursorIn(request.headers['last-event-id'], run);
      const isResumed = typeof given === 'object' && mayResume(ring, given);
      const reader: Reader = {
        reading: createReading(ring, show, isResumed ? given : undefined),
        listener: openListener(response, conceal),
        behindSince: undefined,
      };
      response.on('close', () => readers.delete(reader));
      readers.add(reader);
      if (given !== undefined && !isResumed) reader.listener.send('reset', {});
      sendLive(reader, FIRST_EVENTS, 'even if there is nothing');
      if (latest) reader.listener.send(latest.event, latest.data);
      void keepTicking();
    },
  };

  async function keepTicking(): Promise<void> {
    if (isTicking) return;
    isTicking = true;
    for (let ticks = 0; readers.size > 0 && !signal.aborted; ticks += 1) {
      if (ticks % TICKS_PER_FLOW === 0) flowPoll.poll(clock.now());
      await clock.sleep(TICK_MS, signal);
      for (const reader of readers) tick(reader);
    }
    isTicking = false;
    latest = undefined;
  }

  function tick(reader: Reader): void {
    const now = clock.now();
    if (reader.listener.isBehind()) {
      reader.behindSince ??= now;
      if (now - reader.behindSince >= STUCK_MS) reader.listener.end();
      return;
    }
    reader.behindSince = undefined;
    sendLive(reader, EVENTS_PER_TICK);
  }

  function sendLive(reader: Reader, limit: number, always?: 'even if there is nothing'): void {
    const batch = reader.reading.next(limit);
    const { seq, change } = reader.reading.cursor();
    if (always || batch.events.length + batch.marks.length + batch.skipped > 0)
      reader.listener.send('live', batch, `${run}.${seq}.${change}`);
  }
}

/** What a reader says it has: undefined if nothing, `elsewhere` if it is not of this run. */
function cursorIn(header: string | readonly string[] | undefined, run: string): Cursor | 'elsewhere' | undefined {
  if (header === undefined || header === '') return undefined;
  const [, of, seq, change = 0] = /^([\w-]+)\.(\d{1,15})(?:\.(\d{1,15}))?$/.exec(String(header)) ?? [];
  return of === run ? { seq: Number(seq), change: Number(change) } : 'elsewhere';
}
