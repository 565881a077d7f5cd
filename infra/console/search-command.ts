import { shellWord } from '../../functions/core/chat/kubectl.ts';
import { oneLine } from '../ops/one-line.ts';

/**
 * The operator's command that finds the events of an object in an archive. Anybody may have chosen its names: they are quoted.
 * What is empty, such as the namespace of what is in none, is left out.
 */
export function searchCommand(options: Readonly<Record<string, string>>): string {
  const given = Object.entries(options).filter(([, value]) => value !== '');
  return ['archive search', ...given.map(([name, value]) => `--${name} ${shellWord(oneLine(value))}`)].join(' ');
}
