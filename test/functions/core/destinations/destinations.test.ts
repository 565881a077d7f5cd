import { beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod/mini';
import { defineConfig, field, secret } from '../../../../functions/core/contract/config.ts';
import type { Change } from '../../../../functions/core/destinations/changes.ts';
import {
  createDestinations,
  type ConfigError,
  type DestinationSet,
  type LoadOptions,
  type ReadingLimits,
} from '../../../../functions/core/destinations/destinations.ts';
import type { DocumentSource, StoredDocument, Tree } from '../../../../functions/core/destinations/documents.ts';

const config = defineConfig({
  type: 'probe',
  title: 'Probe',
  chat: true,
  options: z.strictObject({ target: field(z.string(), 'Where to.') }),
  secrets: z.strictObject({
    token: field(secret(), 'A token.'),
    url: field(z.optional(secret()), 'A URL.'),
  }),
  plainSecrets: ['url'],
  codes: {},
});

const good = '{"target":"here"}';
const token = '{"token":"t0ken-value"}';

type Operation = 'list' | 'read' | 'history';

/** A parameter store that keeps versions, as SSM does. */
class Store implements DocumentSource {
  readonly documents = new Map<string, StoredDocument[]>();
  readonly decrypted: string[] = [];
  readonly locked = new Set<string>();
  /** Paths that the listing names without being able to read them, as a file without permission. */
  readonly unreadable = new Set<string>();
  readonly calls: string[] = [];
  isDown = false;
  /** Is waited for within each call; may reject. */
  hold: (operation: Operation, path: string) => Promise<void> | undefined = () => undefined;
  readonly maxAgeMs = () => 30_000;

  put(path: string, text: string): void {
    const versions = this.documents.get(path) ?? [];
    this.documents.set(path, [...versions, { version: String(versions.length + 1), text }]);
  }

  async list(tree: Tree, type = '') {
    // As of the call, however long the answer takes.
    const found = [...this.documents].filter(([path]) => path.startsWith(`${tree}/${type}`));
    await this.called('list', tree);
    return new Map(
      found.map(([path, versions]) => {
        const { version, text } = last(versions);
        const document = tree === 'secrets' ? { version } : { version, text };
        return [path.slice(tree.length + 1), this.unreadable.has(path) ? { failure: 'EACCES' } : document];
      }),
    );
  }

  async read(tree: Tree, ids: readonly string[]) {
    await this.called('read', tree);
    this.decrypted.push(...ids);
    return new Map(
      ids
        .filter((id) => this.documents.has(`${tree}/${id}`))
        .map((id) => [
          id,
          this.locked.has(id) ? { failure: 'the key is disabled' } : last(this.documents.get(`${tree}/${id}`) ?? []),
        ]),
    );
  }

  async history(tree: Tree, id: string) {
    await this.called('history', `${tree}/${id}`);
    return (this.documents.get(`${tree}/${id}`) ?? []).toReversed();
  }

  private async called(operation: Operation, path: string): Promise<void> {
    this.calls.push(`${operation} ${path}`);
    if (this.isDown) throw new Error('the store is down');
    await this.hold(operation, path);
  }
}

function last(versions: readonly StoredDocument[]): StoredDocument {
  return versions.at(-1) ?? { version: '0', text: '' };
}

let store: Store;
let errors: ConfigError[];
let repeated: ConfigError[];
let changes: Change[];
/** The types of the documents that were evaluated. */
let evaluated: string[];
let time: number;

beforeEach(() => {
  store = new Store();
  errors = [];
  repeated = [];
  changes = [];
  evaluated = [];
  time = 0;
});

interface Loaded {
  load(options?: Partial<LoadOptions>): Promise<DestinationSet>;
}

/** As a sink's function opens them: one type, with its secrets. */
function open(limits: Partial<ReadingLimits> = {}): Loaded {
  return openAll('probe', limits);
}

/** As the router opens them. */
function openAll(only?: string, limits: Partial<ReadingLimits> = {}): Loaded {
  const destinations = createDestinations({
    source: store,
    configOf: async (type) => {
      evaluated.push(type);
      if (type === 'broken') throw new Error('cannot find module x');
      return type === 'probe' ? config : undefined;
    },
    ...(only === undefined ? {} : { only }),
    onError: (error, isRepeated) => (isRepeated ? repeated : errors).push(error),
    onChange: (change) => changes.push(change),
    now: () => time,
    limits: { slowMs: 60_000, historyMs: 60_000, silencesMs: 60_000, readingMs: 60_000, ...limits },
  });
  return { load: (options) => destinations.load({ signal: new AbortController().signal, ...options }) };
}

async function targetOf(destinations: Loaded, id = 'probe/a'): Promise<unknown> {
  time += 60_000;
  return inForce(await destinations.load(), id);
}

function inForce(set: DestinationSet, id = 'probe/a'): unknown {
  const entry = set.get(id);
  return entry?.state === 'ready' ? entry.destination.options : entry?.state;
}

/** Lets everything that is ready happen. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('an edit', () => {
  it('takes effect when the set has aged, and not before', async () => {
    store.put('destinations/probe/a', good);
    store.put('secrets/probe/a', token);
    const destinations = open();
    expect(await targetOf(destinations)).toEqual({ target: 'here' });
    store.put('destinations/probe/a', '{"target":"there"}');
    time += 29_999;
    expect(inForce(await destinations.load())).toEqual({ target: 'here' });
    time += 1;
    expect(inForce(await destinations.load())).toEqual({ target: 'there' });
  });

  it('is confirmed once document and secrets are in force, and not while one of them is wrong', async () => {
    const destinations = open();
    await targetOf(destinations);
    store.put('destinations/probe/a', good);
    await targetOf(destinations);
    expect(changes).toEqual([]);
    store.put('secrets/probe/a', token);
    await targetOf(destinations);
    expect(changes.splice(0)).toEqual([{ destination: 'probe/a', version: '1+1' }]);
    store.put('destinations/probe/a', '{"target":"there"}');
    store.put('secrets/probe/a', '{}');
    await targetOf(destinations);
    expect(changes).toEqual([]);
  });

  it('has only what has changed evaluated', async () => {
    for (const name of ['a', 'b']) store.put(`destinations/probe/${name}`, good);
    const destinations = open();
    await targetOf(destinations);
    store.put('secrets/probe/a', token);
    await targetOf(destinations);
    await targetOf(destinations);
    expect(evaluated).toHaveLength(3);
    const router = openAll();
    await targetOf(router);
    await targetOf(router);
    expect(evaluated).toHaveLength(5);
  });

  it('decrypts only what has changed', async () => {
    for (const name of ['a', 'b']) {
      store.put(`destinations/probe/${name}`, good);
      store.put(`secrets/probe/${name}`, token);
    }
    const destinations = open();
    await targetOf(destinations);
    store.put('secrets/probe/b', '{"token":"an0ther"}');
    await targetOf(destinations);
    expect(store.decrypted).toEqual(['probe/a', 'probe/b', 'probe/b']);
  });

  it('that is wrong leaves the last good version in force, and is told once as new, then as repeated', async () => {
    store.put('destinations/probe/a', good);
    store.put('secrets/probe/a', token);
    const destinations = open();
    await targetOf(destinations);
    store.put('destinations/probe/a', '{"target":7}');
    expect(await targetOf(destinations)).toEqual({ target: 'here' });
    expect(await targetOf(destinations)).toEqual({ target: 'here' });
    expect(errors).toEqual([
      {
        destination: 'probe/a',
        document: 'destinations/probe/a',
        version: '2',
        detail: 'target expected string, received number',
        inForce: 'an earlier version',
      },
    ]);
    expect(repeated).toEqual(errors);
    store.put('destinations/probe/a', '{"target":8}');
    await targetOf(destinations);
    expect(errors.map(({ version }) => version)).toEqual(['2', '3']);
  });

  it('is confirmed when it takes effect: a new destination, another version, a repaired one, a removed one', async () => {
    store.put('destinations/probe/a', good);
    store.put('destinations/probe/b', good);
    const destinations = openAll();
    await targetOf(destinations);
    expect(changes).toEqual([]);
    store.put('destinations/probe/b', '{"target":"there"}');
    store.put('destinations/probe/c', good);
    await targetOf(destinations);
    expect(changes.splice(0)).toEqual([
      { destination: 'probe/b', version: '2' },
      { destination: 'probe/c', version: '1' },
    ]);
    store.put('destinations/probe/a', '{}');
    store.put('destinations/probe/d', '{}');
    await targetOf(destinations);
    await targetOf(destinations);
    expect(changes).toEqual([]);
    store.documents.set('destinations/probe/a', [{ version: '1', text: good }]);
    store.put('destinations/probe/d', good);
    store.documents.delete('destinations/probe/b');
    await targetOf(destinations);
    expect(changes.splice(0)).toEqual([
      { destination: 'probe/a', version: '1' },
      { destination: 'probe/d', version: '2' },
      { destination: 'probe/b', version: undefined },
    ]);
    await targetOf(destinations);
    expect(changes).toEqual([]);
  });

  it('that is wrong leaves the newest valid version in force at a cold start', async () => {
    store.put('destinations/probe/a', good);
    store.put('destinations/probe/a', '{"target":"newer"}');
    store.put('destinations/probe/a', 'not json');
    store.put('destinations/probe/a', '{}');
    store.put('secrets/probe/a', token);
    expect(await targetOf(open())).toEqual({ target: 'newer' });
    expect(await targetOf(openAll())).toEqual({ target: 'newer' });
    expect(errors[0]).toMatchObject({
      version: '4',
      detail: 'target is missing (expected string)',
      inForce: 'an earlier version',
    });
  });

  it('that breaks the secrets leaves the last good ones in force, without showing them', async () => {
    store.put('destinations/probe/a', good);
    store.put('secrets/probe/a', token);
    store.put('secrets/probe/a', '{"token":"t0ken-value",');
    expect(await targetOf(open())).toEqual({ target: 'here' });
    expect(JSON.stringify(errors)).not.toContain('t0ken');
    expect(errors[0]).toMatchObject({ document: 'secrets/probe/a', inForce: 'an earlier version' });
  });
});

describe('a destination', () => {
  it('that was never valid is named', async () => {
    store.put('destinations/probe/a', '{}');
    expect(await targetOf(openAll())).toBe('invalid');
    expect(errors[0]?.inForce).toBe('nothing');
  });

  it('without its secrets is not used', async () => {
    store.put('destinations/probe/a', good);
    const destinations = open();
    expect(await targetOf(destinations)).toBe('secret_missing');
    store.put('secrets/probe/a', token);
    expect(await targetOf(destinations)).toEqual({ target: 'here' });
  });

  it('of a type this build does not know is named', async () => {
    store.put('destinations/unknown/a', good);
    store.put('destinations/broken/a', good);
    store.put('destinations/probe/a', good);
    store.put('destinations/probe/a b', good);
    store.put('destinations/probe/a/b', good);
    expect(await targetOf(openAll())).toEqual({ target: 'here' });
    expect(errors.splice(2).map(({ destination }) => destination)).toEqual(['probe/a b', 'probe/a/b']);
    expect(errors).toMatchObject([
      { destination: 'unknown/a', detail: expect.stringContaining('a sink type this build knows'), inForce: 'nothing' },
      { destination: 'broken/a', detail: expect.stringContaining('cannot find module x'), inForce: 'nothing' },
    ]);
  });

  it('with a secret in its String is wrong, and the value is not shown', async () => {
    store.put('destinations/probe/a', '{"target":"here","token":"t0ken-value"}');
    await openAll().load();
    expect(errors[0]?.detail).toBe('token is secret: it belongs into the SecureString under secrets/');
  });

  it('that was deleted is gone at the next look', async () => {
    store.put('destinations/probe/a', good);
    store.put('secrets/probe/a', token);
    const destinations = open();
    await targetOf(destinations);
    store.documents.delete('destinations/probe/a');
    expect(await targetOf(destinations)).toBeUndefined();
  });

  it('may hold what is secret for some users only in either document, but not in both', async () => {
    store.put('destinations/probe/a', '{"target":"here","url":"plain"}');
    store.put('secrets/probe/a', token);
    const destinations = open();
    const entry = (await destinations.load()).get('probe/a');
    expect(entry).toMatchObject({ state: 'ready', destination: { secretValues: ['t0ken-value', 'plain'] } });
    store.put('secrets/probe/a', '{"token":"t0ken-value","url":"secret"}');
    await targetOf(destinations);
    expect(errors[0]?.detail).toBe('url stands in both documents: keep one');
  });
});

describe('one destination of several', () => {
  beforeEach(() => {
    for (const name of ['a', 'b']) {
      store.put(`destinations/probe/${name}`, good);
      store.put(`secrets/probe/${name}`, token);
    }
  });

  it('waits alone for a secret that cannot be decrypted, and is looked at again each time', async () => {
    store.locked.add('probe/a');
    const destinations = open();
    expect(await targetOf(destinations)).toBe('secret_missing');
    expect(await targetOf(destinations, 'probe/b')).toEqual({ target: 'here' });
    expect(errors).toEqual([
      {
        destination: 'probe/a',
        document: 'secrets/probe/a',
        version: '',
        detail: 'cannot be read: the key is disabled',
        inForce: 'nothing',
      },
    ]);
    store.locked.delete('probe/a');
    expect(await targetOf(destinations)).toEqual({ target: 'here' });
  });

  it('keeps the secret it had when its new one cannot be decrypted', async () => {
    const destinations = open();
    await targetOf(destinations);
    store.put('secrets/probe/a', '{"token":"new"}');
    store.put('destinations/probe/a', '{"target":"there"}');
    store.locked.add('probe/a');
    expect(await targetOf(destinations)).toEqual({ target: 'there' });
    expect((await destinations.load()).get('probe/a')).toMatchObject({
      destination: { secretValues: ['t0ken-value'] },
    });
    expect(errors).toMatchObject([{ document: 'secrets/probe/a', inForce: 'an earlier version' }]);
  });

  it.each(['destinations', 'secrets'])('waits alone when the listing cannot read it in %s', async (tree) => {
    const destinations = open();
    store.unreadable.add(`${tree}/probe/a`);
    expect(await targetOf(destinations)).toBe(tree === 'secrets' ? 'secret_missing' : 'invalid');
    expect(await targetOf(destinations, 'probe/b')).toEqual({ target: 'here' });
    expect(errors).toMatchObject([{ document: `${tree}/probe/a`, detail: 'cannot be read: EACCES' }]);
    store.unreadable.clear();
    expect(await targetOf(destinations)).toEqual({ target: 'here' });
    store.unreadable.add(`${tree}/probe/a`);
    expect(await targetOf(destinations)).toEqual({ target: 'here' });
    expect(errors.at(-1)).toMatchObject({ document: `${tree}/probe/a`, inForce: 'an earlier version' });
  });

  it('has no secret when it went between listing and reading', async () => {
    store.hold = (operation) => {
      if (operation === 'read') store.documents.delete('secrets/probe/a');
      return undefined;
    };
    const destinations = open();
    expect(await targetOf(destinations)).toBe('secret_missing');
    expect(await targetOf(destinations, 'probe/b')).toEqual({ target: 'here' });
  });

  it.each([
    ['fails', () => Promise.reject(new Error('access denied')), 'Error: access denied'],
    ['hangs', () => new Promise<void>(() => {}), 'TimeoutError'],
  ])('waits alone when its history %s, and is looked at again each time', async (_how, hold, why) => {
    store.put('destinations/probe/a', '{}');
    store.hold = (operation) => (operation === 'history' ? hold() : undefined);
    const destinations = open({ historyMs: 20 });
    expect(await targetOf(destinations)).toBe('invalid');
    expect(await targetOf(destinations, 'probe/b')).toEqual({ target: 'here' });
    expect(errors[0]?.detail).toContain(
      `target is missing (expected string); its earlier versions cannot be read: ${why}`,
    );
    store.hold = () => undefined;
    expect(await targetOf(destinations)).toEqual({ target: 'here' });
  });

  it('is not looked up in the history again once that had no valid version', async () => {
    store.documents.set('destinations/probe/a', [{ version: '1', text: '{}' }]);
    const destinations = open();
    await targetOf(destinations);
    await targetOf(destinations);
    expect(store.calls.filter((call) => call.startsWith('history'))).toEqual(['history destinations/probe/a']);
  });

  it('cannot be a SecureString, and says so', async () => {
    store.documents.set('destinations/probe/a', []);
    store.list = async (tree) =>
      new Map([
        ['probe/a', { version: '1' }],
        ['probe/b', tree === 'secrets' ? { version: '1' } : { version: '1', text: good }],
      ]);
    const destinations = open();
    expect(await targetOf(destinations)).toBe('invalid');
    expect(await targetOf(destinations, 'probe/b')).toEqual({ target: 'here' });
    expect(errors[0]?.detail).toContain('is a SecureString');
  });
});

describe('a store that cannot be read', () => {
  it('is an error while nothing is known, never "no destinations"', async () => {
    store.isDown = true;
    await expect(open().load()).rejects.toThrow('the store is down');
  });

  it('leaves what is known in force, is told, and is not asked again until the set has aged once more', async () => {
    store.put('destinations/probe/a', good);
    store.put('secrets/probe/a', token);
    const destinations = open();
    await targetOf(destinations);
    store.isDown = true;
    expect(await targetOf(destinations)).toEqual({ target: 'here' });
    expect(errors).toEqual([{ detail: 'cannot be read: Error: the store is down', inForce: 'the set read before' }]);
    const calls = store.calls.length;
    await destinations.load();
    expect(store.calls).toHaveLength(calls);
    await targetOf(destinations);
    expect([errors.length, repeated.length]).toEqual([1, 1]);
    await expect(destinations.load({ fresh: true })).rejects.toThrow('the store is down');
  });

  it('is told as new when it fails again after it had healed', async () => {
    store.put('destinations/probe/a', good);
    const destinations = openAll();
    await targetOf(destinations);
    for (const isDown of [true, false, true]) {
      store.isDown = isDown;
      await targetOf(destinations);
    }
    expect([errors.length, repeated.length]).toEqual([2, 0]);
  });
});

describe('a store that is slow', () => {
  let release: () => void;
  let fail: (error: Error) => void;

  beforeEach(() => {
    store.put('destinations/probe/a', good);
  });

  function freeze(): void {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    release = resolve;
    fail = reject;
    store.hold = () => promise;
  }

  it('is waited for as long as a set is not slow; then the set stands in, and the result is used by the next', async () => {
    const destinations = openAll(undefined, { slowMs: 10 });
    await targetOf(destinations);
    store.put('destinations/probe/a', '{"target":"there"}');
    freeze();
    expect(await targetOf(destinations)).toEqual({ target: 'here' });
    expect(errors).toEqual([]);
    release();
    await settled();
    expect(inForce(await destinations.load())).toEqual({ target: 'there' });
    expect(store.calls).toEqual(['list destinations', 'list destinations']);
  });

  it('is waited for once, not by each invocation anew', async () => {
    const destinations = openAll(undefined, { slowMs: 50_000 });
    await targetOf(destinations);
    store.put('destinations/probe/a', '{"target":"there"}');
    freeze();
    time += 60_000;
    const early = [destinations.load(), destinations.load()];
    time += 50_000;
    expect(inForce(await destinations.load())).toEqual({ target: 'here' });
    release();
    expect((await Promise.all(early)).map((set) => inForce(set))).toEqual([{ target: 'there' }, { target: 'there' }]);
    expect(store.calls).toHaveLength(2);
  });

  it('leaves no timer behind when it answers', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const destinations = openAll();
    await targetOf(destinations);
    const before = timers();
    await targetOf(destinations);
    expect(timers()).toBe(before);
  });

  it('is told when it fails in the end, though nobody waits for it any more', async () => {
    const destinations = openAll(undefined, { slowMs: 10 });
    await targetOf(destinations);
    freeze();
    await targetOf(destinations);
    fail(new Error('gone'));
    await settled();
    expect(errors).toEqual([{ detail: 'cannot be read: Error: gone', inForce: 'the set read before' }]);
  });

  it('is given up at last, and read anew', async () => {
    const destinations = openAll(undefined, { slowMs: 1, readingMs: 30 });
    await targetOf(destinations);
    freeze();
    await targetOf(destinations);
    await vi.waitFor(() => expect(errors[0]?.detail).toContain('TimeoutError'));
    store.hold = () => undefined;
    store.put('destinations/probe/a', '{"target":"there"}');
    expect(await targetOf(destinations)).toEqual({ target: 'there' });
  });

  it('ends the wait at the deadline, with the set where there is one', async () => {
    const destinations = openAll();
    freeze();
    await expect(destinations.load({ signal: AbortSignal.timeout(10) })).rejects.toThrow('timeout');
    release();
    await settled();
    freeze();
    time += 60_000;
    expect(inForce(await destinations.load({ signal: AbortSignal.timeout(10) }))).toEqual({ target: 'here' });
    await expect(destinations.load({ fresh: true, signal: AbortSignal.timeout(10) })).rejects.toThrow('timeout');
  });

  it('goes on reading after the deadline of a cold start, for the next to use', async () => {
    const destinations = openAll();
    freeze();
    await expect(destinations.load({ signal: AbortSignal.timeout(10) })).rejects.toThrow('timeout');
    const next = destinations.load();
    release();
    expect(inForce(await next)).toEqual({ target: 'here' });
    expect(store.calls).toEqual(['list destinations']);
  });

  it('is asked once more where a reading that an earlier invocation began has failed', async () => {
    const destinations = openAll();
    freeze();
    await expect(destinations.load({ signal: AbortSignal.timeout(10) })).rejects.toThrow('timeout');
    const next = destinations.load();
    store.hold = () => undefined;
    fail(new Error('the socket died while frozen'));
    expect(inForce(await next)).toEqual({ target: 'here' });
  });
});

describe('a fresh look', () => {
  it('begins after it was asked for, once for all who ask meanwhile, each time anew', async () => {
    store.put('destinations/probe/a', good);
    const destinations = openAll();
    await targetOf(destinations);
    for (const name of ['b', 'c']) {
      const { promise, resolve } = Promise.withResolvers<void>();
      store.hold = () => promise;
      time += 60_000;
      const old = destinations.load();
      await settled();
      const fresh = [destinations.load({ fresh: true }), destinations.load({ fresh: true })];
      store.put(`destinations/probe/${name}`, good);
      resolve();
      expect((await old).has(`probe/${name}`)).toBe(false);
      for (const set of await Promise.all(fresh)) expect(set.has(`probe/${name}`)).toBe(true);
    }
    expect(store.calls).toHaveLength(5);
  });

  it('tries where the reading before it fails, and fails where it fails itself', async () => {
    store.put('destinations/probe/a', good);
    const destinations = openAll();
    for (const outcome of ['resolves', 'rejects'] as const) {
      const { promise, reject } = Promise.withResolvers<void>();
      store.hold = () => promise;
      const old = destinations.load({ fresh: true });
      await settled();
      const fresh = destinations.load({ fresh: true });
      store.hold = () => (outcome === 'rejects' ? Promise.reject(new Error('still down')) : undefined);
      reject(new Error('down'));
      await expect(old).rejects.toThrow('down');
      if (outcome === 'rejects') await expect(fresh).rejects.toThrow('still down');
      else expect(inForce(await fresh)).toEqual({ target: 'here' });
    }
  });
});
