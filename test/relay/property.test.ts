import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RelayHandle } from '../../relay/relay.ts';
import { compareVersions } from '../../relay/cluster/resource-version.ts';
import { startApiServer, type StoredEvent } from '../support/api-server.ts';
import { ACCEPTED, createTestQueue, runRelay, UNAVAILABLE, until } from '../support/relay.ts';

/** How the queue takes what it gets. `stubborn`: it takes all but the events of two names. */
type Mood = 'well' | 'down' | 'partly' | 'stubborn';

/** What can happen to a relay, in any order. */
type Step =
  | { readonly do: 'put'; readonly name: number; readonly times: number }
  | { readonly do: 'remove'; readonly name: number }
  | { readonly do: 'drop'; readonly how: 'end' | 'reset' }
  | { readonly do: 'expire' | 'compact' | 'restart' | 'crash' | 'pause' }
  | { readonly do: 'queue'; readonly mood: Mood };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('put' as const), name: fc.nat(8), times: fc.integer({ min: 1, max: 5 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), name: fc.nat(8) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('drop' as const), how: fc.constantFrom('end' as const, 'reset' as const) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'expire' as const,
        'compact' as const,
        'restart' as const,
        'crash' as const,
        'pause' as const,
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('queue' as const),
      mood: fc.constantFrom<Mood[]>('well', 'down', 'partly', 'stubborn', 'stubborn'),
    }),
  },
);

test('whatever happens, every surviving event is delivered and the cursor never runs ahead of the queue', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30, size: 'max' }), async (steps) => {
      const folder = await mkdtemp(join(tmpdir(), 'relay-property-'));
      const path = join(folder, 'cursor');
      const server = await startApiServer();
      const queue = createTestQueue();
      const everything: StoredEvent[] = [];
      /** The cursor as it was saved some time ago, which is all that a killed relay leaves. */
      let older: string | undefined;
      let mood: Mood = 'well';
      let calls = 0;
      queue.script((bodies) => {
        calls += 1;
        if (mood === 'down') return UNAVAILABLE;
        if (mood === 'well') return undefined;
        const retry = { status: 'retry', code: 'no' } as const;
        if (mood === 'stubborn') {
          return {
            status: 'answered',
            results: bodies.map((body) => (/"name":"e[01]"/.test(body) ? retry : ACCEPTED)),
          };
        }
        return {
          status: 'answered',
          results: bodies.map((_, i) => ((i + calls) % 2 === 0 ? ACCEPTED : retry)),
        };
      });
      const start = (): Promise<RelayHandle> =>
        runRelay(
          server,
          queue,
          { cursor: { kind: 'file', path } },
          {
            drainMs: 0,
            timing: { retryBaseMs: 1, retryCapMs: 5 },
            limits: { retryBaseMs: 1, retryCapMs: 5, highEvents: 10, lowEvents: 4 },
          },
        );
      /** Everything up to the saved version that still exists must be on the queue, in that version or a later one. */
      async function checkCursor(): Promise<void> {
        const text = await readFile(path, 'utf8').catch(() => undefined);
        const rv = text === undefined ? undefined : JSON.parse(text).streams['*']?.rv;
        if (rv === undefined) return;
        const ids = new Set(queue.ids());
        const latest = server.events().filter(({ version }) => (compareVersions(String(version), rv) ?? 1) <= 0);
        expect(latest.filter(({ uid, version }) => !ids.has(`${uid}/${version}`))).toEqual([]);
      }
      let relay = await start();
      try {
        for (const each of steps) {
          switch (each.do) {
            case 'put':
              for (let i = 0; i < each.times; i += 1) everything.push(server.put({ name: `e${each.name}` }));
              break;
            case 'remove':
              server.remove('default', `e${each.name}`);
              break;
            case 'drop':
              server.dropWatches(each.how);
              break;
            case 'expire':
              server.expireWatches();
              break;
            case 'compact':
              server.compact();
              break;
            case 'restart':
              await relay.stop();
              await checkCursor();
              older = await readFile(path, 'utf8').catch(() => undefined);
              relay = await start();
              break;
            case 'crash':
              await relay.stop();
              if (older === undefined) await rm(path, { force: true });
              else await writeFile(path, older);
              relay = await start();
              break;
            case 'pause':
              await new Promise((resolve) => setTimeout(resolve, 25));
              break;
            case 'queue':
              mood = each.mood;
              break;
          }
        }
        await checkCursor();
        mood = 'well';
        const undelivered = (): readonly StoredEvent[] => {
          const ids = new Set(queue.ids());
          return server.events().filter(({ uid, version }) => !ids.has(`${uid}/${version}`));
        };
        await until(() => undelivered().length === 0, 'every surviving event');
        expect(queue.gaps()).toEqual([]);
        const known = new Set(everything.map(({ uid, version }) => `${uid}/${version}`));
        expect(queue.ids().filter((id) => !known.has(id))).toEqual([]);
      } finally {
        await relay.stop();
        await server.close();
        await rm(folder, { recursive: true });
      }
    }),
    { numRuns: 60, endOnFailure: true },
  );
});
