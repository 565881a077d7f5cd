import { lastWord, optionsOf, secondWords, type CommandWords, type ValueKind, type Words } from './words.ts';

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

/** The branches of a `case` in bash or zsh, by the first word, which offer the second. */
export function secondWordCases(words: Words): string {
  return [...secondWords(words)]
    .map(([first, commands]) => `    ${first}) options='${commands.map(lastWord).join(' ')}' ;;`)
    .join('\n');
}

/**
 * Lines of bash or zsh that tell what kind of value is typed: that of the option before it, or of the argument. A word with a dash is
 * an option, unless it is the value of one.
 */
export const KIND_OF_VALUE = [
  '  kind=$positional',
  ...LISTS.map((list) => `  [[ " $${list} " == *" $prev "* ]] && kind=${list}`),
  `  if [[ $cur == -* && " ${LISTS.map((list) => `$${list}`).join(' ')} " != *" $prev "* ]]; then kind=; fi`,
].join('\n');
