import { describe, expect, it } from 'vitest';
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

describe('following the stream', () => {
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
