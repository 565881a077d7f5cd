import { parseSettings } from '../../functions/core/destinations/destination.ts';
import { parseJsonObject } from '../../functions/core/destinations/json-object.ts';
import { textOf } from '../../functions/core/contract/untrusted.ts';
import { loadConfig } from '../discover.ts';
import { filterOf, problemLine, type DestinationSource, type FileProblem } from './folder.ts';
import type { Io } from './command.ts';
import { isRobot } from './import/robots.ts';

/** What is allowed in a valid destination and yet hardly meant. */
export async function warningsOf({ type, file, text, secretText }: DestinationSource): Promise<readonly FileProblem[]> {
  const config = await loadConfig(type);
  if ('problems' in parseSettings(config, text)) return [];
  const { match = [], drop = [] } = filterOf(text);
  if (match.length > 0 || drop.length > 0) return [];
  if (!config.chat && !isRobot(urlIn(secretText))) return [];
  const message = `is not given: everything that happens in every cluster becomes a message. Let pass what people must know, for example "filter": {"match": [{"type": "Warning"}]}`;
  return [{ file, field: 'filter', message }];
}

/** The address in a webhook's secrets: that of a robot leads to a chat too. */
function urlIn(secretText = '{}'): string {
  const parsed = parseJsonObject(secretText);
  return 'value' in parsed ? textOf(parsed.value['url']) : '';
}

/** Tells the warnings on standard error: they are no mistakes. */
export async function warn(source: DestinationSource, io: Pick<Io, 'err'>): Promise<void> {
  for (const warning of await warningsOf(source)) io.err(`note: ${problemLine(warning)}`);
}
