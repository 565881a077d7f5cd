import { afterEach, describe, expect, it } from 'vitest';
import type { ReplayRequest } from '../../../infra/console/contract.ts';
import type { ConsoleSource } from '../../../infra/console/source.ts';
import { manualClock } from '../../support/console/clock.ts';
import { startTestConsole, type TestConsole } from '../../support/console/console.ts';
import { memorySource } from '../../support/console/memory-source.ts';

let served: TestConsole | undefined;
afterEach(() => served?.stop());

async function start(documents: Readonly<Record<string, unknown>> = {}, given: Partial<ConsoleSource> = {}) {
  const source = memorySource(documents, given);
  const clock = manualClock(Date.parse('2026-11-27T12:00:00Z'));
  const running = await startTestConsole(source, { clock });
  served = running;
  return { source, served: running, clock };
}

describe('silences', () => {
  it('are listed with what they hold, and those that hold nothing with the reason', async () => {
    const { served } = await start({
      'silences/rollout': {
        match: [{ namespace: 'shop', reason: 'BackOff' }],
        until: '2026-11-27T18:00:00Z',
        why: 'w',
        by: 'b',
      },
      'silences/wrong': { match: [] },
    });

    expect((await served.call('GET', '/api/silences')).json).toEqual([
      {
        name: 'rollout',
        until: '2026-11-27T18:00:00Z',
        why: 'w',
        by: 'b',
        rules: ['reason BackOff and namespace shop'],
      },
      { name: 'wrong', rules: [], problem: expect.stringContaining('match') },
    ]);
  });

  it('are made and removed, and the new list is the answer', async () => {
    const { source, served } = await start();
    const body = { name: 'rollout', minutes: 90, why: 'rollout', by: 'alice', match: { namespace: 'shop' } };

    expect((await served.call('POST', '/api/silences', { body })).json).toMatchObject([
      { name: 'rollout', until: '2026-11-27T13:30:00Z', rules: ['namespace shop'] },
    ]);
    expect(JSON.parse(source.stored.get('silences/rollout')?.[0]?.text ?? '')).toMatchObject({
      match: [{ namespace: 'shop' }],
    });
    expect((await served.call('POST', '/api/silences', { body })).status).toBe(409);
    expect((await served.call('DELETE', '/api/silences?name=rolout')).json).toEqual({
      error: 'there is no silence rolout (did you mean rollout?)',
    });
    expect((await served.call('DELETE', '/api/silences?name=rollout')).json).toEqual([]);
  });

  it.each([
    [{ name: '../a' }, 'is no name'],
    [{ minutes: 0 }, 'minutes'],
    [{ minutes: 1e300 }, '30 days'],
    [{ minutes: 60 * 24 * 31 }, '30 days'],
    [{ why: ' ' }, 'why'],
    [{ by: 'a\nb' }, 'by'],
    [{ match: { nmespace: 'shop' } }, 'did you mean namespace?'],
    [{ match: {} }, 'match'],
  ])('are refused with a mistake: %j', async (change, said) => {
    const { source, served } = await start();
    const body = { name: 'a', minutes: 5, why: 'w', by: 'b', match: { namespace: 'shop' }, ...change };
    const reply = await served.call('POST', '/api/silences', { body });

    expect([reply.status, reply.text]).toEqual([400, expect.stringContaining(said)]);
    expect(source.stored.size).toBe(0);
  });

  it('are removed by no name that leads elsewhere', async () => {
    const { served } = await start();

    expect((await served.call('DELETE', '/api/silences?name=../destinations/log/a')).status).toBe(400);
  });
});

describe('letters', () => {
  it('are replayed as asked for, or counted', async () => {
    const asked: ReplayRequest[] = [];
    const { served } = await start(
      {},
      {
        replay: async (request) => {
          asked.push(request);
          return { replayed: 2, guarded: 1, refused: 0 };
        },
      },
    );
    const bodies = [
      { owner: 'slack', dryRun: true },
      { owner: 'slack', code: 'http_403', destination: 'slack/ops', dryRun: false },
    ];
    for (const body of bodies)
      expect((await served.call('POST', '/api/letters/replay', { body })).json).toEqual({
        replayed: 2,
        guarded: 1,
        refused: 0,
      });

    expect(asked).toEqual(bodies);
  });
});

describe('a source that cannot do something', () => {
  it('says why, and what can, for each of its inabilities', async () => {
    const cannot = { why: 'there is only one version here', command: 'git log destinations' };
    const whole = memorySource();
    const able: ConsoleSource = {
      about: whole.about,
      follow: (tell, signal) => whole.follow(tell, signal),
      flow: () => whole.flow(),
      letters: (signal) => whole.letters(signal),
      documents: whole.documents,
      versions: (id) => whole.versions(id),
    };
    served = await startTestConsole({
      ...able,
      about: {
        ...able.about,
        cannot: { rollback: cannot, letters: { why: 'no queue' }, receiver: { why: 'no receiver' } },
      },
    });
    const rollback = await served.call('POST', '/api/destination/rollback', { body: { id: 'log/a', version: '1' } });
    const others = [
      await served.call('GET', '/api/letters'),
      await served.call('GET', '/api/receiver'),
      await served.call('PUT', '/api/destination', { body: { id: 'log/a', text: '{}', basedOn: '' } }),
      await served.call('POST', '/api/destination/test', { body: { id: 'log/a' } }),
      await served.call('DELETE', '/api/silences?name=a'),
    ];

    expect([rollback.status, rollback.json]).toEqual([501, { error: cannot.why, command: cannot.command }]);
    expect(others.map(({ status }) => status)).toEqual([501, 501, 501, 501, 501]);
    expect(others[0]?.json).toEqual({ error: 'no queue' });
  });

  it('may hang: the call ends, the source is told, and the next call is answered', async () => {
    let signal: AbortSignal | undefined;
    const { clock, served } = await start(
      {},
      {
        letters: (given) => {
          signal = given;
          return new Promise(() => undefined);
        },
      },
    );
    const call = served.call('GET', '/api/letters');
    await expect.poll(() => signal).toBeDefined();
    await clock.advance(120_000);

    expect([(await call).status, (await call).text]).toEqual([504, expect.stringContaining('no answer within 120 s')]);
    expect(signal?.aborted).toBe(true);
    expect((await served.call('GET', '/api/about')).status).toBe(200);
  });

  it('may have documents that nobody can read: what needs none is answered', async () => {
    const { documents } = memorySource();
    const fails = () => Promise.reject(new Error('the store is down'));
    const { served } = await start({}, { documents: { ...documents, list: fails, read: fails } });

    expect((await served.call('GET', '/api/about')).status).toBe(200);
    expect((await served.call('GET', '/api/destinations')).json).toEqual({
      error: expect.stringContaining('the store is down'),
    });
  });
});

describe('the receiver', () => {
  it('is asked to behave', async () => {
    let behaviour: 'ok' | 'throttle' | 'fail' | 'hang' | 'error-in-200' = 'ok';
    const receiver = {
      read: () => ({ behaviour, destination: 'webhook/receiver', answered: {} }),
      set: (wanted: typeof behaviour) => void (behaviour = wanted),
    };
    const { served } = await start({}, { receiver });

    expect((await served.call('PUT', '/api/receiver', { body: { behaviour: 'hang' } })).json).toMatchObject({
      behaviour: 'hang',
    });
    expect((await served.call('PUT', '/api/receiver', { body: { behaviour: 'dance' } })).status).toBe(400);
    expect((await served.call('GET', '/api/receiver')).json).toMatchObject({ behaviour: 'hang' });
  });
});

describe('a port', () => {
  it('that is taken is said in a sentence', async () => {
    const { served } = await start();

    await expect(startTestConsole(memorySource(), { port: served.port })).rejects.toThrow(
      `the console cannot listen on 127.0.0.1:${served.port}: something else listens there; choose another port`,
    );
  });
});
