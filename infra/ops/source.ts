import { OpsError, type Arguments } from './command.ts';
import { readFolder, problemLine, type DestinationSource } from './folder.ts';

/** Options of the commands that read destinations from a folder or from the deployed stack. */
export const SOURCE_OPTIONS = {
  folder: { value: 'DIR', about: 'A folder with destinations/<type>/<name>.json (and secrets/...).' },
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

/** The destinations the command is about. @throws {OpsError} that names every mistake. */
export async function readSources(args: Arguments<typeof SOURCE_OPTIONS>): Promise<readonly DestinationSource[]> {
  const folder = args.text('folder');
  if (folder === undefined) {
    // Only here: a folder needs no AWS, and none of its clients.
    const [{ readStack }, { openStore, readDeployed }] = await Promise.all([
      import('./aws/stack.ts'),
      import('./aws/store.ts'),
    ]);
    return readDeployed(openStore(await readStack(args)));
  }
  const { destinations, problems } = await readFolder(folder);
  if (problems.length > 0) throw new OpsError(problems.map(problemLine).join('\n'));
  return destinations;
}
