import { mkdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DocumentSource } from '../../functions/core/destinations/documents.ts';
import { silencesIn, type SilenceSet } from '../../functions/core/destinations/silences.ts';
import type { Deployed } from './aws/stack.ts';
import { OpsError, type Arguments } from './command.ts';
import { folderDocuments } from './formats.ts';
import { readFolder, problemLine, type DestinationSource } from './folder.ts';

/** Options of the commands that read destinations from a folder or from the deployed stack. */
export const SOURCE_OPTIONS = {
  folder: { value: 'DIR', about: 'A folder with destinations/<type>/<name>.json, or .yaml (and secrets/...).' },
  stack: { value: 'NAME', about: 'Without --folder: the CloudFormation stack; default kube-courier.' },
};

/** Options of the commands that read events. */
export const EVENT_OPTIONS = {
  events: {
    value: 'FILE',
    about:
      'core/v1 Events as kubectl get events prints them, with -o json or yaml, --watch and --output-watch-events; also an array, or one per line; - for standard input. Namespaces and other objects beside them (kubectl get events,namespaces) lend them their labels, as a relay with --enrich labels does.',
  },
  cluster: { value: 'NAME', about: 'The cluster the events count as from; default local.' },
};

/** Where the documents are that the command is about: a folder, or a deployed stack. */
export interface Place {
  /** The destinations. @throws {OpsError} that names every mistake. */
  destinations(): Promise<readonly DestinationSource[]>;
  readonly documents: DocumentSource;
  /** Writes a silence. */
  putSilence(name: string, text: string): Promise<void>;
  /** Resolves to whether it was there. */
  removeSilence(name: string): Promise<boolean>;
  /** Undefined for a folder. */
  readonly deployed: Deployed | undefined;
}

export async function openPlace(args: Arguments<typeof SOURCE_OPTIONS>): Promise<Place> {
  const folder = args.text('folder');
  return folder === undefined ? openDeployed(args) : openFolder(folder);
}

/** The destinations the command is about. @throws {OpsError} that names every mistake. */
export async function readSources(args: Arguments<typeof SOURCE_OPTIONS>): Promise<readonly DestinationSource[]> {
  return (await openPlace(args)).destinations();
}

/** The silences there are. */
export async function readSilences({ documents }: Place, now: number): Promise<SilenceSet> {
  return silencesIn(await documents.list('silences'), now);
}

async function openDeployed(args: Arguments<typeof SOURCE_OPTIONS>): Promise<Place> {
  // Only here: a folder needs no AWS, and none of its clients.
  const [{ readStack }, { openStore, readDeployed }] = await Promise.all([
    import('./aws/stack.ts'),
    import('./aws/store.ts'),
  ]);
  const deployed = await readStack(args);
  const store = openStore(deployed);
  return {
    destinations: () => readDeployed(store),
    documents: store.source,
    putSilence: async (name, text) => void (await store.put('silences', name, text)),
    removeSilence: (name) => store.remove('silences', name),
    deployed,
  };
}

function openFolder(folder: string): Place {
  const file = (name: string): string => join(folder, 'silences', `${name}.json`);
  return {
    async destinations() {
      const { destinations, problems } = await readFolder(folder);
      if (problems.length > 0) throw new OpsError(problems.map(problemLine).join('\n'));
      return destinations;
    },
    documents: folderDocuments(folder),
    async putSilence(name, text) {
      // A folder that is not there is a misspelt one.
      if (!existsSync(folder)) throw new OpsError(`${folder}: no such folder`);
      await mkdir(join(folder, 'silences'), { recursive: true });
      await writeFile(file(name), `${text}\n`);
    },
    async removeSilence(name) {
      const isThere = existsSync(file(name));
      await rm(file(name), { force: true });
      return isThere;
    },
    deployed: undefined,
  };
}
