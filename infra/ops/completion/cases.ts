import { optionsOf, type CommandWords, type ValueKind, type Words } from './words.ts';

/** Variables of the scripts for bash and zsh: the options whose values are of a kind. */
export const LISTS = [
  'file',
  'folder',
  'destination',
  'owner',
  'sink',
  'shell',
  'free',
] as const satisfies readonly ValueKind[];

/** The branches of a `case` in bash or zsh, by the first two words, which set what a command takes. */
export function commandCases({ commands }: Words): string {
  return commands.map(branch).join('\n');
}

/** Names are of letters and dashes: a test sees to it, so that nothing has to be quoted. */
function branch(command: CommandWords): string {
  const { name, options, positional } = command;
  const pattern = name.includes(' ') ? `'${name}'` : `'${name} '*`;
  const lists = LISTS.map((kind) => [kind, optionsOf(command, kind)] as const).filter(([, names]) => names !== '');
  const all = options.map((option) => option.name).join(' ');
  return [
    `    ${pattern})`,
    `      options='${all}' positional=${positional ?? ''}`,
    ...lists.map(([kind, names]) => `      ${kind}='${names}'`),
    '      ;;',
  ].join('\n');
}
