import { request, type IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { EVENTS_PER_TICK, FIRST_EVENTS, MAX_STREAMS, STUCK_MS, TICK_MS } from '../../../infra/console/server/stream.ts';
import type { ConsoleSource } from '../../../infra/console/source.ts';
import { numberedEvent } from '../../support/chat.ts';
import { manualClock } from '../../support/console/clock.ts';
import { startTestConsole, type TestConsole } from '../../support/console/console.ts';
import { memorySource, quietFlow, seen, told } from '../../support/console/memory-source.ts';

let served: TestConsole | undefined;
afterEach(() => served?.stop());

async function start(given: Partial<ConsoleSource> = {}) {
  const source = memorySource({}, given);
  const clock = manualClock();
  const running = await startTestConsole(source, { clock });
  served = running;
  const tellEvents = (from: number, to: number): void =>
    source.tell(...Array.from({ length: to - from + 1 }, (_, index) => seen(numberedEvent(from + index))));
  return { source, clock, served: running, tellEvents };
}

describe('the stream of events', () => {
  it('begins with what there is, and goes on tick by tick', async () => {
    const { clock, served, tellEvents, source } = await start();
    tellEvents(1, 2);
    const stream = await served.stream();
    const first = await stream.nextOf('live');
    tellEvents(3, 3);
    source.tell(told(numberedEvent(1).id, 'log/a', 'delivered'));
    await clock.advance(TICK_MS);
    const second = await stream.nextOf('live');

    expect(first.data).toMatchObject({ events: [{ seq: 1, marks: {} }, { seq: 2 }], marks: [], skipped: 0 });
    expect(second.data).toMatchObject({ events: [{ seq: 3 }], marks: [[1, { delivered: 1 }]], skipped: 0 });
  });

  it('shows the newest of a storm, and counts the others', async () => {
    const { clock, served, tellEvents } = await start();
    const stream = await served.stream();
    await stream.nextOf('live');
    tellEvents(1, 1000);
    await clock.advance(TICK_MS);
    const { data } = await stream.nextOf('live');

    expect(data.events.map(({ seq }: { seq: number }) => seq)).toEqual(
      Array.from({ length: EVENTS_PER_TICK }, (_, index) => 1000 - EVENTS_PER_TICK + 1 + index),
    );
    expect(data.skipped).toBe(1000 - EVENTS_PER_TICK);
  });

  it('goes on where a reader broke off', async () => {
    const { served, tellEvents, source } = await start();
    tellEvents(1, 3);
    const stream = await served.stream();
    const { id } = await stream.nextOf('live');
    stream.close();
    tellEvents(4, 5);
    source.tell(told(numberedEvent(2).id, 'log/a', 'letter'));
    const again = await served.stream(id);

    expect(await again.next()).toMatchObject({
      event: 'live',
      data: { events: [{ seq: 4 }, { seq: 5 }], marks: [[2, { letter: 1 }]], skipped: 0 },
    });
    again.close();
  });

  it.each(['other.3', 'nonsense', '', 'RUN.999999', 'RUN.0', 'RUN.1.99'])(
    'begins anew for who was with another run, or away too long: %j',
    async (given) => {
      const { served, tellEvents } = await start();
      tellEvents(1, 6000);
      const first = await served.stream();
      const { id = '' } = await first.nextOf('live');
      const stream = await served.stream(given.replace('RUN', id.split('.')[0] ?? ''));
      const events = [await stream.next(), given === '' ? undefined : await stream.next()];

      expect(events.map((event) => event?.event)).toEqual(given === '' ? ['live', undefined] : ['reset', 'live']);
      const live = events.find((event) => event?.event === 'live');
      expect(live?.data.events).toHaveLength(FIRST_EVENTS);
      expect(live?.data.skipped).toBe(0);
    },
  );

  it('tells of the pipeline once a second, to all', async () => {
    let asked = 0;
    const { clock, served } = await start({ flow: async () => ({ ...quietFlow, eventsPerSecond: (asked += 1) }) });
    const streams = [await served.stream(), await served.stream()];
    await clock.advance(2000);

    for (const stream of streams)
      for (const count of [1, 2, 3]) expect((await stream.nextOf('flow')).data.eventsPerSecond).toBe(count);
    expect(asked).toBe(3);
  });

  it('asks nothing while nobody looks', async () => {
    let asked = 0;
    const { clock, served } = await start({ flow: async () => ({ ...quietFlow, eventsPerSecond: (asked += 1) }) });
    await clock.advance(10_000);
    expect(asked).toBe(0);
    const stream = await served.stream();
    await stream.nextOf('flow');
    stream.close();
    // The server learns in a while that it has left.
    const askedMore = async (): Promise<number> => {
      const before = asked;
      await clock.advance(2000);
      return asked - before;
    };
    await expect.poll(askedMore).toBe(0);
  });

  it('goes on while the source does not say how the pipeline is, and asks it no second time meanwhile', async () => {
    let asked = 0;
    const { clock, served, tellEvents } = await start({
      flow: () => {
        asked += 1;
        return new Promise(() => undefined);
      },
    });
    const stream = await served.stream();
    await clock.advance(6000);
    tellEvents(1, 1);
    await clock.advance(TICK_MS);

    expect((await stream.nextOf('problem')).data.error).toMatch(/^the pipeline has not said how it is for 5 s$/);
    expect((await stream.nextOf('live')).data.events).toHaveLength(1);
    expect(asked).toBe(1);
  });

  it('goes on where the source fails to say it, at once or later, and tells why', async () => {
    let asked = 0;
    const { clock, served } = await start({
      flow: () => {
        asked += 1;
        if (asked === 1) throw new Error('at once');
        return asked === 2 ? Promise.reject(new Error('later')) : Promise.resolve(quietFlow);
      },
    });
    const stream = await served.stream();
    await clock.advance(2000);

    expect((await stream.nextOf('problem')).data.error).toContain('at once');
    expect((await stream.nextOf('problem')).data.error).toContain('later');
    expect((await stream.nextOf('flow')).data).toEqual(quietFlow);
  });

  it('has room for so many readers, and for another once one has left', async () => {
    const { served, clock } = await start();
    const streams = await Promise.all(Array.from({ length: MAX_STREAMS }, () => served.stream()));
    expect((await served.call('GET', '/api/stream')).json).toEqual({ error: expect.stringContaining('close some') });
    streams[0]?.close();
    await expect
      .poll(async () => {
        await clock.advance(0);
        const stream = await served.stream();
        stream.close();
        return stream.status;
      })
      .toBe(200);
  });

  it('keeps nothing for a reader that does not read, and ends it in the end', async () => {
    const { served, clock, source } = await start();
    const response = await openStream(served);
    response.pause();
    const closed = new Promise((resolve) => response.on('close', resolve));
    response.on('error', () => undefined);
    // What the machine itself keeps of a connection is several MB.
    const object = { kind: 'Pod', namespace: 'n'.repeat(100), name: 'p'.repeat(250) };
    const large = { message: 'm'.repeat(300), reason: 'r'.repeat(100), involvedObject: object };
    let number = 0;
    for (let ticks = 0; ticks < 300; ticks += 1) {
      const events = Array.from({ length: EVENTS_PER_TICK }, () => seen(numberedEvent((number += 1), large)));
      source.tell(...events);
      await clock.advance(TICK_MS);
    }
    let bytes = 0;
    response.on('data', (chunk: Buffer) => (bytes += chunk.length));
    response.resume();
    await closed;

    expect(300 * TICK_MS).toBeGreaterThan(2 * STUCK_MS);
    expect(bytes).toBeLessThan(number * 900);
  });

  it('ends with the server, which waits for nobody', async () => {
    const { served, clock } = await start({
      follow: () => new Promise(() => undefined),
      flow: () => new Promise(() => undefined),
      letters: () => new Promise(() => undefined),
    });
    const stream = await served.stream();
    await stream.nextOf('live');
    const call = served.call('GET', '/api/letters').catch(() => 'broken off');
    await clock.advance(TICK_MS);
    await served.stop();

    expect(await stream.next()).toBeUndefined();
    expect(await call).toBe('broken off');
  });
});

describe('what a source sees', () => {
  it('is followed once for all readers, and anew after a while should that end', async () => {
    const ends: (() => void)[] = [];
    let follows = 0;
    const { clock, served } = await start({
      follow: () => {
        follows += 1;
        if (follows === 1) throw new Error('at once');
        return new Promise((resolve) => ends.push(resolve));
      },
    });
    await Promise.all([served.stream(), served.stream()]);
    expect(follows).toBe(1);
    await clock.advance(1000);
    expect(follows).toBe(2);
    ends.at(-1)?.();
    await clock.advance(1999);
    expect(follows).toBe(2);
    await clock.advance(1);
    expect(follows).toBe(3);
  });
});

/** The stream as it comes. */
function openStream(served: TestConsole): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${served.token}` };
    request({ host: '127.0.0.1', port: served.port, path: '/api/stream', headers, agent: false }, resolve)
      .on('error', reject)
      .end();
  });
}
