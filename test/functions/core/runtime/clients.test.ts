import { describe, expect, it } from 'vitest';
import type { ClusterEvent } from '../../../../functions/core/contract/event.ts';
import { delivered } from '../../../../functions/core/contract/outcome.ts';
import type { Destination } from '../../../../functions/core/destinations/destination.ts';
import { createHttp } from '../../../../functions/core/kit/http.ts';
import { createClients } from '../../../../functions/core/runtime/clients.ts';
import {
  probeSink,
  type ProbeBehaviour,
  type ProbeContext,
  type ProbeOptions,
  type ProbeSecrets,
} from '../../../support/probe-sink.ts';

const { signal } = new AbortController();
const ctx: ProbeContext = {
  options: { target: 'here' },
  secrets: {},
  signal,
  now: () => new Date(0),
  http: createHttp(signal),
  log: () => {},
  aws: { region: async () => '', credentials: async () => ({ accessKeyId: '', secretAccessKey: '' }) },
  conceal: () => {},
};

function destination(name: string, version: string): Destination<ProbeOptions, ProbeSecrets> {
  return {
    id: `probe/${name}`,
    type: 'probe',
    name,
    version,
    enabled: true,
    silences: false,
    verdict: (_event: ClusterEvent) => 'pass',
    options: { target: 'here' },
    secrets: {},
    secretValues: [],
  };
}

function start(behaviour: Partial<ProbeBehaviour> = {}) {
  const closed: object[] = [];
  const errors: unknown[] = [];
  let serial = 0;
  const sink = probeSink({
    send: async () => delivered,
    connect: async () => ({ serial: (serial += 1) }),
    close: async (client) => void closed.push(client),
    ...behaviour,
  });
  return { clients: createClients(sink, (id, error) => errors.push([id, error])), closed, errors };
}

describe('clients', () => {
  it('are kept for each destination as long as its version is the same', async () => {
    const { clients, closed } = start();

    const first = await clients.get(destination('a', '1'), ctx);
    expect(await clients.get(destination('a', '1'), ctx)).toBe(first);
    expect(await clients.get(destination('b', '1'), ctx)).not.toBe(first);
    expect(closed).toEqual([]);
  });

  it('share what is known of the secrets of a destination with those of its other versions', async () => {
    const { clients } = start();
    expect(clients.redactor(destination('a', '1'))).toBe(clients.redactor(destination('a', '2')));
    expect(clients.redactor(destination('b', '1'))).not.toBe(clients.redactor(destination('a', '1')));
  });

  it('are closed when another version takes their place', async () => {
    const { clients, closed } = start();

    const first = await clients.get(destination('a', '1'), ctx);
    const second = await clients.get(destination('a', '2'), ctx);

    await expect.poll(() => closed).toEqual([first]);
    expect(await clients.get(destination('a', '2'), ctx)).toBe(second);
  });

  it('are closed and made anew once dropped', async () => {
    const { clients, closed } = start();

    const first = await clients.get(destination('a', '1'), ctx);
    await clients.drop(destination('a', '1'));

    await expect.poll(() => closed).toEqual([first]);
    expect(await clients.get(destination('a', '1'), ctx)).not.toBe(first);
  });

  it('that hang or fail in closing keep nobody waiting; a failure is told', async () => {
    const hanging = start({ close: () => new Promise(() => {}) });
    await hanging.clients.get(destination('a', '1'), ctx);
    await hanging.clients.drop(destination('a', '1'));

    const failing = start({ close: () => Promise.reject(new Error('half closed')) });
    await failing.clients.get(destination('a', '1'), ctx);
    await failing.clients.drop(destination('a', '1'));
    await expect.poll(() => failing.errors).toEqual([['probe/a', new Error('half closed')]]);
  });

  it('that never connected are not closed, and nothing more is told of them', async () => {
    const { clients, closed, errors } = start({ connect: () => Promise.reject(new Error('no route')) });

    await expect(clients.get(destination('a', '1'), ctx)).rejects.toThrow('no route');
    await clients.drop(destination('a', '1'));
    await new Promise(setImmediate);

    expect([closed, errors]).toEqual([[], []]);
  });
});
