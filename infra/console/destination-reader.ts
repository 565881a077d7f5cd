import type { SinkConfig } from '../../functions/core/contract/config.ts';
import type { DocumentSource, ListedDocument } from '../../functions/core/destinations/documents.ts';
import type { Known } from '../../functions/core/destinations/evaluate.ts';
import { readDestinations, type KnownSet } from '../../functions/core/destinations/reading.ts';
import type { DestinationSummary } from './contract.ts';
import { configOf } from './secrets.ts';

const HISTORY_MS = 10_000;

type Listing = ReadonlyMap<string, ListedDocument>;

/** A destination as the functions see it now. */
export interface DestinationNow {
  readonly id: string;
  /** Undefined where this build does not know its sink. */
  readonly config: SinkConfig | undefined;
  readonly document: ListedDocument;
  readonly known: Known<unknown, unknown>;
  readonly isDeployed: boolean;
}

/** Reads destinations by the functions' own code, which knows what is in force over a bad edit. What has not changed is not read again. */
export function createDestinationReader(
  documents: DocumentSource,
  sinks: readonly string[],
): (signal: AbortSignal) => Promise<readonly DestinationNow[]> {
  const before = new Map<string, KnownSet<unknown, unknown>>();
  return async (signal) => {
    const listed = await documents.list('destinations', undefined, signal);
    const secrets = await documents.list('secrets', undefined, signal).catch(() => undefined);
    const found: DestinationNow[] = [];
    for (const type of new Set([...listed.keys()].map(typeOf))) {
      const config = await configOf(type);
      const isDeployed = sinks.includes(type);
      for (const [id, known] of await readType(type, ofType(listed, type), secrets && ofType(secrets, type), signal)) {
        const document = listed.get(id);
        if (document) found.push({ id, config, document, known, isDeployed });
      }
    }
    return found.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  };

  /** With secrets as a sink's function; as the router where they cannot be read from here. */
  async function readType(
    type: string,
    listed: Listing,
    secrets: Listing | undefined,
    signal: AbortSignal,
  ): Promise<KnownSet<unknown, unknown>> {
    const source = {
      ...documents,
      list: async (tree: string) => (tree === 'destinations' ? listed : (secrets ?? new Map())),
    };
    const read = async (only: string | undefined): Promise<KnownSet<unknown, unknown>> => {
      const key = `${type} ${only === undefined ? 'without' : 'with'} secrets`;
      const options = { source, configOf, only, historyMs: HISTORY_MS };
      const known = await readDestinations(options, before.get(key) ?? new Map(), signal);
      before.set(key, known);
      return known;
    };
    return secrets ? read(type).catch(() => read(undefined)) : read(undefined);
  }
}

function typeOf(id: string): string {
  return id.split('/')[0] ?? '';
}

function ofType(listed: Listing, type: string): Listing {
  return new Map([...listed].filter(([id]) => typeOf(id) === type));
}

/** How a destination is, in a line. */
export function summaryOf({ id, config, document, known, isDeployed }: DestinationNow): DestinationSummary {
  return {
    id,
    ...stateOf(known, isDeployed),
    version: 'version' in document ? document.version : '',
    isChat: config?.chat ?? false,
  };
}

function stateOf(
  { entry, errors }: DestinationNow['known'],
  isDeployed: boolean,
): Pick<DestinationSummary, 'state' | 'problem'> {
  if (entry.state !== 'ready') return { state: 'broken', problem: entry.detail };
  if (!isDeployed) return { state: 'not deployed', problem: NOT_DEPLOYED };
  if (errors.length > 0)
    return { state: 'earlier version in force', problem: errors.map(({ detail }) => detail).join('; ') };
  return { state: entry.destination.enabled ? 'in force' : 'disabled' };
}

/** Of a destination that nothing delivers to. */
export const NOT_DEPLOYED = 'its sink type is not deployed: add it to the sinks of the stack';
