import { OpsError } from '../command.ts';
import { problemLine, readFolder, type DestinationSource } from '../folder.ts';
import { parseFields, type Change } from './write.ts';

/**
 * The destinations of a folder, or the one of it that is meant.
 * @throws {OpsError} that names every file that cannot be read; or says that there is none.
 */
export async function readChosen(folder: string, only: string | undefined): Promise<readonly DestinationSource[]> {
  const { destinations, problems } = await readFolder(folder);
  if (problems.length > 0) throw new OpsError(problems.map(problemLine).join('\n'));
  const chosen = destinations.filter(({ id }) => only === undefined || id === only);
  if (chosen.length === 0) throw new OpsError(`${folder}: holds no destination ${only ?? ''}`);
  return chosen;
}

/** What a folder makes of a destination. @throws {OpsError} where a file is no JSON object. */
export function changeTo(
  { id, text, file, secretText, secretFile }: DestinationSource,
  current: DestinationSource | undefined,
): Change {
  const { $schema: _, ...secrets } = parseFields(secretText, secretFile);
  return { id, document: parseFields(text, file), secrets, current };
}
