import { beforeEach, describe, expect, it } from 'vitest';
import { sampleEvent } from '../../../../functions/core/contract/sample.ts';
import {
  createDestinations,
  type ConfigError,
  type Destinations,
} from '../../../../functions/core/destinations/destinations.ts';
import type { DocumentSource, ListedDocument, Tree } from '../../../../functions/core/destinations/documents.ts';
import { config } from '../../../../functions/sinks/log/config.ts';

const start = Date.parse('2026-11-27T12:00:00Z');
const minute = 60_000;
const event = sampleEvent();
const { signal } = new AbortController();

let time: number;
let documents: Map<string, ListedDocument>;
/** Is waited for within each listing of silences; may reject. */
let hold: () => Promise<void>;
let listed: Tree[];
let errors: ConfigError[];
let repeated: ConfigError[];

beforeEach(() => {
  time = start;
  documents = new Map();
  hold = async () => {};
  listed = [];
  errors = [];
  repeated = [];
});

const source: DocumentSource = {
  async list(tree) {
    listed.push(tree);
    if (tree !== 'silences') return new Map(tree === 'destinations' ? [['log/a', { version: '1', text: '{}' }]] : []);
    await hold();
    return new Map(documents);
  },
  read: async () => new Map(),
  history: async () => [],
  maxAgeMs: () => 30_000,
};

function open({ withSilences = true, silencesMs = 60_000 } = {}): Destinations {
  return createDestinations({
    source,
    configOf: async () => config,
    withSilences,
    onError: (error, isRepeated) => (isRepeated ? repeated : errors).push(error),
    now: () => time,
    limits: { slowMs: 60_000, historyMs: 60_000, silencesMs, readingMs: 60_000 },
  });
}

function silence(fields: object = {}): ListedDocument {
  const good = { match: [{ type: '*' }], until: '2026-11-27T12:10:00Z', why: 'a rollout', by: 'alice' };
  return { version: '1', text: JSON.stringify({ ...good, ...fields }) };
}

/** The name of the silence that holds the event, after a reading. */
async function held(destinations: Destinations): Promise<string | undefined> {
  time += minute;
  expect((await destinations.load({ signal })).size).toBe(1);
  return destinations.silence(event)?.name;
}

describe('silences', () => {
  it('are read with the destinations, and end by themselves', async () => {
    documents.set('rollout', silence());
    const destinations = open();
    expect(await held(destinations)).toBe('rollout');
    time = start + 10 * minute - 1;
    expect(destinations.silence(event)?.name).toBe('rollout');
    time += 1;
    expect(destinations.silence(event)).toBeUndefined();
    expect([errors, repeated]).toEqual([[], []]);
  });

  it('hold from the reading on that finds them, and no longer than that which does not', async () => {
    const destinations = open();
    expect(await held(destinations)).toBeUndefined();
    documents.set('rollout', silence());
    expect(await held(destinations)).toBe('rollout');
    documents.delete('rollout');
    expect(await held(destinations)).toBeUndefined();
  });

  it('are not read where none holds anything', async () => {
    documents.set('rollout', silence());
    expect(await held(open({ withSilences: false }))).toBeUndefined();
    expect(listed).toEqual(['destinations']);
  });

  it.each<[string, ListedDocument, string]>([
    ['rule', silence({ match: [{ reason: '/(/' }] }), 'match[0].reason'],
    ['field', silence({ who: 'me' }), 'who is not a known field'],
    ['end', silence({ until: '2027-11-27T12:00:00Z' }), 'until is more than 30 days ahead'],
    ['text', { version: '1', text: '{' }, 'is not JSON: syntax error at line 1, column 2'],
    ['file', { failure: 'EACCES' }, 'cannot be read: EACCES'],
    ['encryption', { version: '1' }, 'is a SecureString: a silence is a String'],
  ])('with a wrong %s hold nothing, and say so for as long as it lasts; the others hold', async (_w, wrong, detail) => {
    documents.set('a-wrong', wrong);
    const destinations = open();
    expect(await held(destinations)).toBeUndefined();
    documents.set('b-good', silence());
    expect(await held(destinations)).toBe('b-good');

    const error = { silence: 'a-wrong', document: 'silences/a-wrong', inForce: 'nothing' };
    expect(errors).toEqual([{ ...error, version: expect.any(String), detail: expect.stringContaining(detail) }]);
    expect(repeated).toEqual(errors);
  });

  it('that were good hold nothing after a bad edit: an alert too many is better than one too few', async () => {
    documents.set('rollout', silence());
    const destinations = open();
    expect(await held(destinations)).toBe('rollout');
    documents.set('rollout', silence({ match: [] }));
    expect(await held(destinations)).toBeUndefined();
    expect(errors).toHaveLength(1);
  });

  it('below a path hold nothing', async () => {
    documents.set('team/rollout', silence());
    expect(await held(open())).toBeUndefined();
    expect(errors).toMatchObject([{ silence: 'team/rollout', inForce: 'nothing' }]);
  });

  it('that cannot be read hold nothing, and keep no destination waiting', async () => {
    hold = async () => {
      throw new TypeError('no permission');
    };
    const destinations = open();
    expect(await held(destinations)).toBeUndefined();
    expect(await held(destinations)).toBeUndefined();
    expect(errors).toEqual([
      { silence: '*', detail: 'silences cannot be read: TypeError: no permission', inForce: 'nothing' },
    ]);
    expect(repeated).toEqual(errors);
  });

  it('that cannot be read any more hold until they end', async () => {
    documents.set('rollout', silence());
    const destinations = open();
    expect(await held(destinations)).toBe('rollout');
    hold = async () => {
      throw new TypeError('store down');
    };
    expect(await held(destinations)).toBe('rollout');
    expect(errors).toMatchObject([{ silence: '*', inForce: 'the set read before' }]);
    time = start + 10 * minute;
    expect(destinations.silence(event)).toBeUndefined();
  });

  it('that do not come are waited for no longer than the limit', async () => {
    hold = () => new Promise(() => {});
    expect(await held(open({ silencesMs: 20 }))).toBeUndefined();
    expect(errors).toMatchObject([{ silence: '*', inForce: 'nothing' }]);
  });
});
