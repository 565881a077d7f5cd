import { existsSync, readFileSync } from 'node:fs';
import { parseJson } from '../../functions/core/destinations/json-object.ts';
import { problemText } from '../../functions/core/destinations/destination.ts';
import { isRecord, messageOf } from '../../functions/core/contract/untrusted.ts';
import { sortContext } from './context.ts';
import { ContextError, settingNames } from './settings.ts';

/** The file of a user's own that holds the settings of a stack; git ignores it in this repository. */
export const SETTINGS_FILE = 'kube-courier.json';

/** Settings as they stand in the user's file and in context. */
export interface Given {
  /** What {@link parseSettings} reads: the file's settings, and those of context, which count where both have one. */
  readonly context: Readonly<Record<string, unknown>>;
  /** The file's name; undefined where there is none. */
  readonly file: string | undefined;
  /** Settings that context and file have with other values. */
  readonly overridden: readonly string[];
}

/**
 * Reads the user's settings: `kube-courier.json` in the folder where the CDK runs, or the file that the context value `settings`
 * names, for a second stack or a folder elsewhere.
 * @param types the sink types there are
 * @throws {ContextError} where it cannot be read, is no JSON object, or has a setting that does not exist
 */
export function withSettingsFile(context: Readonly<Record<string, unknown>>, types: readonly string[]): Given {
  const { settings: named, ...rest } = context;
  const file = typeof named === 'string' ? named : SETTINGS_FILE;
  if (named === undefined && !existsSync(file)) return { context: rest, file: undefined, overridden: [] };
  const settings = readSettings(file, types);
  const overridden = Object.keys(settings).filter((name) => {
    const other = rest[name];
    return other !== undefined && JSON.stringify(other) !== JSON.stringify(settings[name]);
  });
  return { context: { ...settings, ...rest }, file, overridden };
}

function readSettings(file: string, types: readonly string[]): Readonly<Record<string, unknown>> {
  const parsed = parseJson(read(file));
  if ('problems' in parsed) throw new ContextError(`${file} ${problemText(parsed.problems)}`);
  if (!isRecord(parsed.value)) throw new ContextError(`${file} is not a JSON object`);
  return strictSettings(parsed.value, types, file, {
    removeSinks: 'is for one deployment and does not belong into a file: --context removeSinks=...',
  });
}

/**
 * Settings from where, unlike in context, nothing else may stand.
 * @param place where that is, for messages
 * @param refused settings that may not stand there, and why
 * @throws {ContextError} where one does not exist
 */
export function strictSettings(
  settings: Readonly<Record<string, unknown>>,
  types: readonly string[],
  place: string,
  refused: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  const { problems } = sortContext(settings, { ...settingNames, types }, 'nothing else');
  const found = Object.entries(refused).filter(([field]) => Object.hasOwn(settings, field));
  const all = [...problems, ...found.map(([field, message]) => ({ field, message }))];
  if (all.length > 0) throw new ContextError(all.map((each) => `${place}: ${problemText([each])}`).join('\n'));
  return settings;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ContextError(`${file} cannot be read: ${messageOf(error)}`);
  }
}
