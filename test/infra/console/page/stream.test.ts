import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  followStream,
  type StreamResponse,
  type StreamState,
} from '../../../../infra/console/page/foundation/stream.ts';

/** A server that answers each connection as it is told, and ends the test with the last. */
async function follow(answers: readonly (StreamResponse | Error)[]) {
  const control = new AbortController();
  const opened: string[] = [];
  const told: string[] = [];
  const states: StreamState[] = [];
  const waits: number[] = [];
  await followStream(
    {
      async open(lastEventId) {
        opened.push(lastEventId);
        const answer = answers[opened.length - 1];
        if (answer === undefined) {
          control.abort();
          throw new Error('the test is over');
        }
        if (answer instanceof Error) throw answer;
        return answer;
      },
      tell: ({ event, data }) => told.push(`${event} ${data}`),
      say: (state) => states.push(state),
      async wait(ms) {
        waits.push(ms);
      },
    },
    control.signal,
  );
  return { opened, told, states, waits };
}

function answer(status: number, ...chunks: readonly string[]): StreamResponse {
  const rest = chunks.map((chunk) => new TextEncoder().encode(chunk));
  return {
    status,
    body: {
      getReader: () => ({
        async read() {
          const value = rest.shift();
          return { done: value === undefined, value };
        },
      }),
    },
  };
}

afterEach(() => void vi.useRealTimers());

describe('following the stream', () => {
  it('leaves nothing behind of what was read: no listener on the connection, and no timer', async () => {
    vi.useFakeTimers();
    const control = new AbortController();
    const left: (readonly number[])[] = [];
    const note = (connection: AbortSignal): void =>
      void left.push([getEventListeners(connection, 'abort').length, vi.getTimerCount()]);
    let rest = 5;
    await followStream(
      {
        open: async (_, connection) => ({
          status: 200,
          body: {
            getReader: () => ({
              async read() {
                note(connection);
                rest -= 1;
                return { done: rest === 0, value: new TextEncoder().encode('data: a\n\n') };
              },
            }),
          },
        }),
        tell: () => undefined,
        say: (state) => state === 'reconnecting' && control.abort(),
        wait: async () => undefined,
      },
      control.signal,
    );

    expect(left).toEqual(Array.from({ length: 5 }, () => [0, 0]));
    expect(getEventListeners(control.signal, 'abort')).toEqual([]);
  });

  it('ends a connection on which nothing comes, while it opens and while it is read', async () => {
    vi.useFakeTimers();
    const never = (signal: AbortSignal): Promise<never> =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const control = new AbortController();
    const connections: AbortSignal[] = [];
    const following = followStream(
      {
        async open(_, connection) {
          connections.push(connection);
          if (connections.length === 1) return never(connection);
          // A reader that does not hear of the end is not waited for.
          return { status: 200, body: { getReader: () => ({ read: () => new Promise(() => undefined) }) } };
        },
        tell: () => undefined,
        say: () => undefined,
        wait: async () => void (connections.length === 2 && control.abort()),
      },
      control.signal,
    );
    await vi.advanceTimersByTimeAsync(9999);
    expect(connections.map(({ aborted }) => aborted)).toEqual([false]);
    await vi.advanceTimersByTimeAsync(1);
    expect(connections.map(({ aborted }) => aborted)).toEqual([true, false]);
    await vi.advanceTimersByTimeAsync(10_000);
    await following;

    expect(connections.map(({ aborted }) => aborted)).toEqual([true, true]);
  });

  it('connects anew from the last id when a connection ends', async () => {
    const { opened, told, states } = await follow([
      answer(200, 'id: r-1\nevent: live\ndata: a\n\n', 'id: r-2\nevent: live\nda', 'ta: b\n\n'),
      answer(200, 'id: r-3\nevent: live\ndata: c\n\n'),
    ]);

    expect(told).toEqual(['live a', 'live b', 'live c']);
    expect(opened).toEqual(['', 'r-2', 'r-3']);
    expect(states).toEqual(['connecting', 'open', 'reconnecting', 'open', 'reconnecting']);
  });

  it('waits longer after each failure, up to a bound, and short again once something came', async () => {
    const failed = Array.from({ length: 8 }, () => new Error('refused'));
    const { waits } = await follow([...failed, answer(200, 'data: a\n\n'), new Error('refused')]);

    expect(waits).toHaveLength(10);
    expect(Math.max(...waits)).toBeLessThanOrEqual(12_500);
    expect(waits[6]).toBeGreaterThanOrEqual(7500);
    expect(waits[0]).toBeLessThanOrEqual(625);
    expect(waits[8]).toBeLessThanOrEqual(625);
  });

  it('tries again after an answer that is no stream', async () => {
    const { opened } = await follow([answer(503), { status: 200, body: null }, answer(200, 'data: a\n\n')]);

    expect(opened).toHaveLength(4);
  });

  it('stops when the token is refused', async () => {
    const { opened, states } = await follow([answer(401), answer(200, 'data: a\n\n')]);

    expect(opened).toHaveLength(1);
    expect(states).toEqual(['connecting', 'refused']);
  });
});
