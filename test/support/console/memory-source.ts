import type { DocumentSource, ListedDocument, StoredDocument } from '../../../functions/core/destinations/documents.ts';
import type { ClusterEvent } from '../../../functions/core/contract/event.ts';
import { sinkTypes } from '../../../infra/discover.ts';
import type { Attempt, Flow } from '../../../infra/console/contract.ts';
import type { ConsoleSource, Observation } from '../../../infra/console/source.ts';

/** A source in memory, which does what a test wants of it. */
export interface MemorySource extends ConsoleSource {
  /** The trees' documents, by `<tree>/<id>`, all versions, the newest first. */
  readonly stored: Map<string, readonly StoredDocument[]>;
  tell(...observations: readonly Observation[]): void;
  /** How often it was begun to follow it. */
  follows(): number;
}

export const quietFlow: Flow = { at: '2026-11-27T12:00:00.000Z', clusters: [], stages: [] };

/** @param documents by `<tree>/<id>`: texts as they are, everything else as JSON. */
export function memorySource(
  documents: Readonly<Record<string, unknown>> = {},
  given: Partial<ConsoleSource> = {},
): MemorySource {
  const stored = new Map(
    Object.entries(documents).map(([key, document]): [string, readonly StoredDocument[]] => [
      key,
      [{ version: '1', text: typeof document === 'string' ? document : JSON.stringify(document) }],
    ]),
  );
  let tellAll: (observations: readonly Observation[]) => void = () => undefined;
  let follows = 0;
  const put = (key: string, text: string): string => {
    const before = stored.get(key) ?? [];
    const version = String(before.length + 1);
    stored.set(key, [{ version, text }, ...before]);
    return version;
  };
  return {
    stored,
    tell: (...observations) => tellAll(observations),
    follows: () => follows,
    about: { kind: 'embedded', title: 'a source in memory', sinks: sinkTypes(), cannot: {} },
    async follow(tell, signal) {
      follows += 1;
      tellAll = tell;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
    flow: async () => quietFlow,
    letters: async () => [],
    documents: memoryDocuments(stored),
    versions: async (id) => stored.get(`destinations/${id}`) ?? [],
    save: async ({ id, text }) => ({ version: put(`destinations/${id}`, text) }),
    putSilence: async (name, text) => void put(`silences/${name}`, text),
    removeSilence: async (name) => stored.delete(`silences/${name}`),
    ...given,
  };
}

function memoryDocuments(stored: MemorySource['stored']): DocumentSource {
  const newest = (key: string): StoredDocument | undefined => stored.get(key)?.[0];
  return {
    async list(tree, type) {
      const start = type === undefined ? `${tree}/` : `${tree}/${type}/`;
      const keys = [...stored.keys()].filter((key) => key.startsWith(start));
      return new Map(
        keys.flatMap((key): [string, ListedDocument][] => {
          const document = newest(key);
          return document ? [[key.slice(tree.length + 1), document]] : [];
        }),
      );
    },
    async read(tree, ids) {
      return new Map(
        ids.flatMap((id): [string, StoredDocument][] => {
          const document = newest(`${tree}/${id}`);
          return document ? [[id, document]] : [];
        }),
      );
    },
    history: async (tree, id) => stored.get(`${tree}/${id}`) ?? [],
    maxAgeMs: () => 0,
  };
}

export function seen(event: ClusterEvent): Observation {
  return { kind: 'event', event };
}

export function told(
  eventId: string,
  destination: string,
  status: Attempt['status'],
  more: Partial<Attempt> = {},
): Observation {
  return { kind: 'delivery', eventId, destination, attempt: { at: '2026-11-27T12:00:00.000Z', status, ...more } };
}
