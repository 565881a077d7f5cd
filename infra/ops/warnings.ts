import { parseSettings } from '../../functions/core/destinations/destination.ts';
import { loadConfig } from '../discover.ts';
import { filterOf, problemLine, type DestinationSource, type FileProblem } from './folder.ts';
import type { Io } from './command.ts';

/** What is allowed in a valid destination and yet hardly meant. */
export async function warningsOf({ type, file, text }: DestinationSource): Promise<readonly FileProblem[]> {
  const config = await loadConfig(type);
  if ('problems' in parseSettings(config, text)) return [];
  const { match = [], drop = [] } = filterOf(text);
  if (!config.chat || match.length > 0 || drop.length > 0) return [];
  const message = `is not given: everything that happens in every cluster becomes a message. Let pass what people must know, for example "filter": {"match": [{"type": "Warning"}]}`;
  return [{ file, field: 'filter', message }];
}

/** Tells the warnings on standard error: they are no mistakes. */
export async function warn(source: DestinationSource, io: Pick<Io, 'err'>): Promise<void> {
  for (const warning of await warningsOf(source)) io.err(`note: ${problemLine(warning)}`);
}
