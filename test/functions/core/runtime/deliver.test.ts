import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { delivered, rejected, retry, split, type Fate } from '../../../../functions/core/contract/outcome.ts';
import type { ClusterEvent } from '../../../../functions/core/contract/event.ts';
import type { Destination } from '../../../../functions/core/destinations/destination.ts';
import { createHttp } from '../../../../functions/core/kit/http.ts';
import { createClients } from '../../../../functions/core/runtime/clients.ts';
import { deliverGroup } from '../../../../functions/core/runtime/deliver.ts';
import {
  numberedEvents,
  numberOf,
  probeSink,
  singly,
  type ProbeBehaviour,
  type ProbeOptions,
  type ProbeSecrets,
} from '../../../support/probe-sink.ts';

type ProbeDestination = Destination<ProbeOptions, ProbeSecrets>;

function destination(version: string, target = 'here'): ProbeDestination {
  return {
    id: 'probe/a',
    type: 'probe',
    name: 'a',
    version,
    enabled: true,
    silences: false,
    verdict: () => 'pass',
    options: { target },
    secrets: {},
    secretValues: [],
  };
}

interface Delivery {
  readonly fates: readonly (Fate | undefined)[];
  /** The numbers of the events of each parcel sent. */
  readonly sent: readonly (readonly number[])[];
  readonly reloads: number;
  readonly connections: number;
}

interface DeliveryOptions {
  readonly reload?: (id: string) => Promise<ProbeDestination | undefined>;
  readonly signal?: AbortSignal;
}

/** Delivers so many events. Every one has to have a fate, whatever the sink does. */
async function deliver(
  count: number,
  behaviour: ProbeBehaviour,
  { reload = async () => destination('1'), signal = new AbortController().signal }: DeliveryOptions = {},
): Promise<Delivery> {
  const events = numberedEvents(count);
  const sent: number[][] = [];
  let reloads = 0;
  let connections = 0;
  const sink = probeSink({
    ...behaviour,
    async send(part, ctx, client) {
      sent.push(part.map(numberOf));
      return behaviour.send(part, ctx, client);
    },
    async connect(ctx) {
      connections += 1;
      return behaviour.connect?.(ctx) ?? {};
    },
  });
  const fates = await deliverGroup(destination('1'), events, {
    sink,
    clients: createClients(sink, () => {}),
    contextOf: ({ options, secrets = {} }) => ({
      options,
      secrets,
      signal,
      now: () => new Date(0),
      http: createHttp(signal),
      log: () => {},
      aws: { region: async () => '', credentials: async () => ({ accessKeyId: '', secretAccessKey: '' }) },
    }),
    reload(id) {
      reloads += 1;
      return reload(id);
    },
    onSend: () => {},
  });
  expect([...fates.keys()].map(numberOf).toSorted((a, b) => a - b)).toEqual(events.map(numberOf));
  return { fates: events.map((event) => fates.get(event)), sent, reloads, connections };
}

const has = (events: readonly ClusterEvent[], ...numbers: number[]): boolean =>
  events.some((event) => numbers.includes(numberOf(event)));

describe('split', () => {
  it('halves what was refused together until the poison is alone', async () => {
    const { fates, sent } = await deliver(5, {
      send: async (events) => (has(events, 4) ? split('poison', 'bad row') : delivered),
    });

    expect(sent).toEqual([[1, 2, 3, 4, 5], [1, 2, 3], [4, 5], [4], [5]]);
    expect(fates).toEqual([delivered, delivered, delivered, rejected('event', 'poison', 'bad row'), delivered]);
  });

  it('of some events sends those again and no others', async () => {
    const { fates, sent } = await deliver(5, {
      send: async (events) =>
        events.map((event) => {
          if (!has([event], 2, 3, 5)) return delivered;
          return has(events, 3) ? split('poison', 'bad record') : delivered;
        }),
    });

    expect(sent).toEqual([[1, 2, 3, 4, 5], [2, 3], [2], [3], [5]]);
    expect(fates[2]).toEqual(rejected('event', 'poison', 'bad record'));
    expect(fates.filter((fate) => fate?.status === 'delivered')).toHaveLength(4);
  });

  it('of a single one of several is a rejection: nothing was refused along with it', async () => {
    const { fates, sent } = await deliver(2, { send: async () => [delivered, split('poison', 'bad record')] });

    expect(sent).toHaveLength(1);
    expect(fates).toEqual([delivered, rejected('event', 'poison', 'bad record')]);
  });

  it('ends for any poison, which alone is rejected, with at most two requests an event', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.integer({ min: 1, max: 40 })),
        async (count, poison) => {
          const { fates, sent } = await deliver(count, {
            send: async (events) => (has(events, ...poison) ? split('poison', '') : delivered),
          });
          expect(fates.map((fate) => fate?.status === 'rejected')).toEqual(
            Array.from({ length: count }, (_, index) => poison.includes(index + 1)),
          );
          expect(sent.length).toBeLessThan(2 * count);
        },
      ),
    );
  });

  it('is not what a rejection of the whole parcel means', async () => {
    const { fates, sent } = await deliver(3, { send: async () => rejected('event', 'too_odd', 'none of these') });

    expect(sent).toHaveLength(1);
    expect(fates).toEqual(Array.from({ length: 3 }, () => rejected('event', 'too_odd', 'none of these')));
  });
});

describe('a broken connection', () => {
  it.each([
    ['a throw', () => Promise.reject(new Error('down'))],
    ['a wish to reconnect', async () => retry('lost', 'down', { reconnect: true })],
  ])('seen as %s twice leaves the rest of the group unsent, with the reason', async (_how, send) => {
    const { fates, sent, connections } = await deliver(4, { send, render: singly });

    expect(sent).toEqual([[1], [2]]);
    expect(connections).toBe(2);
    expect(fates[3]).toEqual(fates[1]);
    expect(fates[3]).toMatchObject({ status: 'retry', detail: expect.stringContaining('down') });
    expect(fates[3]).not.toHaveProperty('reconnect');
  });

  it('of some events only, or once, does not stop the group', async () => {
    const lost = retry('lost', 'down', { reconnect: true });
    const pairs = (events: readonly ClusterEvent[]) => [events.slice(0, 2), events.slice(2, 4), events.slice(4)];

    const partly = await deliver(6, { render: pairs, send: async () => [lost, delivered] });
    expect(partly.sent).toHaveLength(3);
    expect(partly.connections).toBe(3);

    const once = await deliver(6, { render: pairs, send: async (events) => (has(events, 1) ? lost : delivered) });
    expect(once.fates.map((fate) => fate?.status)).toEqual(['retry', 'retry', ...Array<string>(4).fill('delivered')]);
  });

  it('is not that of a service that only asks to come back later', async () => {
    const { sent, connections } = await deliver(4, { render: singly, send: async () => retry('busy', 'later') });

    expect([sent.length, connections]).toEqual([4, 1]);
  });
});

it('keeps the reason of a request without a reply', async () => {
  const { fates } = await deliver(1, {
    async send(_events, { http }) {
      await http({ method: 'GET', url: 'http://127.0.0.1:1/' });
      return delivered;
    },
  });

  expect(fates).toEqual([retry('connection_refused', 'the connection was refused')]);
});

describe('a client', () => {
  it('is not used again after a throw', async () => {
    const clients: object[] = [];
    const { connections } = await deliver(3, {
      render: singly,
      async send(events, _ctx, client) {
        clients.push(client);
        if (has(events, 1)) throw new Error('halfway');
        return delivered;
      },
    });

    expect(connections).toBe(2);
    expect(new Set(clients).size).toBe(2);
    expect(clients[1]).toBe(clients[2]);
  });

  it('that does not connect is a retry, and is tried anew', async () => {
    const { fates, connections, sent } = await deliver(2, {
      render: singly,
      connect: () => Promise.reject(new Error('no route')),
      send: async () => delivered,
    });

    expect([connections, sent.length]).toEqual([2, 0]);
    expect(fates[1]).toEqual(retry('unexpected_error', 'Error: no route'));
  });
});

describe('a refused destination', () => {
  const refused = rejected('destination', 'bad_token', 'no');

  it('is read anew once, and its events rejected where nothing has changed', async () => {
    const { fates, reloads } = await deliver(3, { render: singly, send: async () => refused });

    expect(reloads).toBe(1);
    expect(fates).toEqual([refused, refused, refused]);
  });

  it('that was repaired meanwhile gets the refused events again, and the rest rendered by its new document', async () => {
    const targets: string[] = [];
    const { fates, sent, reloads, connections } = await deliver(
      3,
      {
        render: (events, { target }) => {
          targets.push(`rendered for ${target}`);
          return singly(events);
        },
        send: async (_events, ctx) => {
          targets.push(ctx.options.target);
          return ctx.options.target === 'there' ? delivered : refused;
        },
      },
      { reload: async () => destination('2', 'there') },
    );

    expect(fates).toEqual([delivered, delivered, delivered]);
    expect(sent).toEqual([[1], [1], [2], [3]]);
    expect([reloads, connections]).toEqual([1, 2]);
    expect(targets).toEqual([
      'rendered for here',
      'here',
      'rendered for there',
      'there',
      'rendered for there',
      'there',
      'there',
    ]);
  });

  it('that still refuses after a change is rejected, and not read a second time', async () => {
    let version = 1;
    const { fates, sent, reloads } = await deliver(
      1,
      { send: async () => refused },
      { reload: async () => destination(String((version += 1))) },
    );

    expect([sent.length, reloads]).toEqual([2, 1]);
    expect(fates).toEqual([refused]);
  });

  it('that is not usable any more keeps its rejection', async () => {
    const { fates } = await deliver(1, { send: async () => refused }, { reload: async () => undefined });

    expect(fates).toEqual([refused]);
  });

  it('that cannot be read anew keeps all its events for later, also those refused after the first', async () => {
    const { fates, reloads } = await deliver(
      3,
      { render: singly, send: async () => refused },
      { reload: () => Promise.reject(new Error('store down')) },
    );

    expect(reloads).toBe(1);
    expect(fates.map((fate) => fate?.status === 'retry' && fate.code)).toEqual(
      Array.from({ length: 3 }, () => 'config_unreadable'),
    );
  });

  it('for some events of a parcel concerns those alone', async () => {
    const { fates, sent } = await deliver(
      3,
      { send: async (events) => (events.length > 1 ? [delivered, refused, retry('busy', '')] : delivered) },
      { reload: async () => destination('2') },
    );

    expect(sent).toEqual([[1, 2, 3], [2]]);
    expect(fates).toEqual([delivered, delivered, retry('busy', '')]);
  });
});

describe('the deadline', () => {
  it('ends a send that hangs, and lets nothing be sent after it', async () => {
    const deadline = new AbortController();
    const { fates, sent } = await deliver(
      3,
      {
        render: singly,
        send: () => {
          deadline.abort();
          return new Promise(() => {});
        },
      },
      { signal: deadline.signal },
    );

    expect(sent).toEqual([[1]]);
    for (const fate of fates) expect(fate).toMatchObject({ status: 'retry', code: 'timeout' });
  });

  it('ends a connect that hangs', async () => {
    const deadline = new AbortController();
    const { fates } = await deliver(
      1,
      {
        connect: () => {
          deadline.abort();
          return new Promise(() => {});
        },
        send: async () => delivered,
      },
      { signal: deadline.signal },
    );

    expect(fates).toMatchObject([{ status: 'retry', code: 'timeout' }]);
  });
});
