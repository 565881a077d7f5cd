import { firstWords, lastWord, secondWords, SHELLS, type CommandWords, type ValueKind, type Words } from './words.ts';

const NEEDED: Readonly<Record<ValueKind, string>> = {
  file: '-r -F',
  folder: "-x -a '(__fish_complete_directories)'",
  destination: "-x -a '(__kube_courier_ops_sinks)/'",
  owner: "-x -a '(__kube_courier_ops_sinks) router'",
  sink: "-x -a '(__kube_courier_ops_sinks)'",
  shell: `-x -a '${SHELLS.join(' ')}'`,
  free: '-x',
};

/** A script for fish, to be sourced, or to be put into `completions` as `ops.fish`. */
export function fishScript(words: Words): string {
  const summaries = new Map(words.commands.map(({ name, summary }) => [name, summary]));
  const lines = [
    '-f',
    ...firstWords(words).map(
      (word) => `-n '__kube_courier_ops_at' -a ${word} -d ${quoted(summaries.get(word) ?? 'more ...')}`,
    ),
    `-n '__kube_courier_ops_at' -l version -d 'says which version it is'`,
    ...[...secondWords(words)].flatMap(([first, commands]) =>
      commands.map((command) => {
        return `-n '__kube_courier_ops_at ${first}' -a ${lastWord(command)} -d ${quoted(command.summary)}`;
      }),
    ),
    ...words.commands.flatMap(commandLines),
  ];
  return `# Completion of kube-courier's ops for fish: as ops (a function), and as kube-courier ops.
function __kube_courier_ops_words
  set -l words (commandline -opc)
  set -l program (basename $words[1])
  set -e words[1]
  if test $program = kube-courier
    # What is no ops is none of these commands.
    test "$words[1]" = ops; or set words[1] nothing
    test "$words[1]" = ops; and set -e words[1]
  end
  string join -- \\n $words
end
# The words so far are these, and no more.
function __kube_courier_ops_at
  test "$(__kube_courier_ops_words | string join ' ')" = "$argv"
end
# The words so far begin with these.
function __kube_courier_ops_in
  string match -q -- "$argv *" "$(__kube_courier_ops_words | string join ' ') "
end
function __kube_courier_ops_sinks
  string split ' ' -- '${words.sinks.join(' ')}'
end
complete -c kube-courier -f -n 'test (count (commandline -opc)) -eq 1' -a ops
for program in ops kube-courier
${lines.map((line) => `  complete -c $program ${line}`).join('\n')}
end
`;
}

function commandLines({ name, options, positional }: CommandWords): readonly string[] {
  const condition = `-n '__kube_courier_ops_in ${name}'`;
  return [
    ...(positional === undefined || positional === 'free' ? [] : [`${condition} ${argument(positional)}`]),
    ...options.map(({ name: option, about, value }) => {
      const takes = value === undefined ? '' : ` ${NEEDED[value]}`;
      return `${condition} -l ${option.slice(2)}${takes} -d ${quoted(firstSentence(about))}`;
    }),
  ];
}

/** -x is about an option. */
function argument(kind: ValueKind): string {
  return kind === 'file' ? '-F' : NEEDED[kind].replace(/^-x /, '');
}

function firstSentence(text: string): string {
  return text.split(/(?<=[.:;]) /)[0] ?? text;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
