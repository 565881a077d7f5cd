import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { defineConfig, field, secret } from '../../../../functions/core/contract/config.ts';
import {
  createDestinations,
  type ConfigError,
  type Destinations,
} from '../../../../functions/core/destinations/destinations.ts';
import type { StoredDocument } from '../../../../functions/core/destinations/destination.ts';
import type { DocumentSource, Tree } from '../../../../functions/core/destinations/source.ts';

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

/** A parameter store that keeps versions, as SSM does. */
class Store implements DocumentSource {
  readonly documents = new Map<string, StoredDocument[]>();
  readonly decrypted: string[] = [];
  isDown = false;
  readonly maxAgeMs = () => 30_000;

  put(path: string, text: string): void {
    const versions = this.documents.get(path) ?? [];
    this.documents.set(path, [...versions, { version: String(versions.length + 1), text }]);
  }

  async list(tree: Tree, type = '') {
    this.check();
    const found = [...this.documents].filter(([path]) => path.startsWith(`${tree}/${type}`));
    return new Map(
      found.map(([path, versions]) => {
        const { version, text } = last(versions);
        return [path.slice(tree.length + 1), tree === 'secrets' ? { version } : { version, text }];
      }),
    );
  }

  async read(tree: Tree, ids: readonly string[]) {
    this.check();
    this.decrypted.push(...ids);
    return new Map(ids.map((id) => [id, last(this.documents.get(`${tree}/${id}`) ?? [])]));
  }

  async history(tree: Tree, id: string) {
    this.check();
    return (this.documents.get(`${tree}/${id}`) ?? []).toReversed();
  }

  private check(): void {
    if (this.isDown) throw new Error('the store is down');
  }
}

function last(versions: readonly StoredDocument[]): StoredDocument {
  return versions.at(-1) ?? { version: '0', text: '' };
}

let store: Store;
let errors: ConfigError[];
let time: number;

beforeEach(() => {
  store = new Store();
  errors = [];
  time = 0;
});

/** As a sink's function opens them: one type, with its secrets. */
function open(): Destinations {
  return openAll('probe');
}

/** As the router opens them. */
function openAll(only?: string): Destinations {
  return createDestinations({
    source: store,
    configOf: async (type) => (type === 'probe' ? config : undefined),
    ...(only === undefined ? {} : { only }),
    onError: (error) => errors.push(error),
    now: () => time,
  });
}

async function targetOf(destinations: Destinations): Promise<unknown> {
  time += 60_000;
  const entry = (await destinations.load()).get('probe/a');
  return entry?.state === 'ready' ? entry.destination.options : entry?.state;
}

describe('an edit', () => {
  it('takes effect when the set has aged, and not before', async () => {
    store.put('destinations/probe/a', good);
    store.put('secrets/probe/a', token);
    const destinations = open();
    expect(await targetOf(destinations)).toEqual({ target: 'here' });
    store.put('destinations/probe/a', '{"target":"there"}');
    expect((await destinations.load()).get('probe/a')).toMatchObject({ destination: { options: { target: 'here' } } });
    expect(await targetOf(destinations)).toEqual({ target: 'there' });
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

  it('that is wrong leaves the last good version in force, and is told at every refresh', async () => {
    store.put('destinations/probe/a', good);
    store.put('secrets/probe/a', token);
    const destinations = open();
    await targetOf(destinations);
    store.put('destinations/probe/a', '{"target":7}');
    expect(await targetOf(destinations)).toEqual({ target: 'here' });
    expect(await targetOf(destinations)).toEqual({ target: 'here' });
    expect(errors).toEqual(
      Array.from({ length: 2 }, () => ({
        destination: 'probe/a',
        document: 'destinations/probe/a',
        version: '2',
        detail: 'target expected string, received number',
        inForce: 'an earlier version',
      })),
    );
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
    await openAll().load();
    expect(errors[0]).toMatchObject({ destination: 'unknown/a', inForce: 'nothing' });
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

describe('a store that cannot be read', () => {
  it('is an error while nothing is known, never "no destinations"', async () => {
    store.isDown = true;
    await expect(open().load()).rejects.toThrow('the store is down');
  });

  it('leaves what is known in force, and is told', async () => {
    store.put('destinations/probe/a', good);
    store.put('secrets/probe/a', token);
    const destinations = open();
    await targetOf(destinations);
    store.isDown = true;
    expect(await targetOf(destinations)).toEqual({ target: 'here' });
    expect(errors).toEqual([{ detail: 'cannot be read: Error: the store is down', inForce: 'the set read before' }]);
    await expect(destinations.load({ fresh: true })).rejects.toThrow('the store is down');
  });
});
