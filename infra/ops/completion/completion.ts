import { defineCommand, usageError, type Command, type CommandEntry } from '../command.ts';
import { bashScript } from './bash.ts';
import { fishScript } from './fish.ts';
import { readWords, SHELLS, type Words } from './words.ts';
import { zshScript } from './zsh.ts';

const SCRIPTS: Readonly<Record<string, (words: Words) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** Prints what completes these commands, of which it is one itself. */
export function completionCommand(commands: Readonly<Record<string, CommandEntry>>): Command {
  return defineCommand({
    usage: 'SHELL',
    about:
      'Prints a script for bash, zsh or fish that completes commands, options, sink types, files and folders: after ops, which may be a function of yours, and after kube-courier ops. It asks neither AWS nor this program; print it anew after an upgrade. For a checkout, add to your ~/.bashrc or ~/.zshrc: ops() { npm --prefix CHECKOUT run -s ops -- "$@"; }',
    examples: [
      'source <(npm run -s ops -- completion bash)',
      'npm run -s ops -- completion zsh > ~/.zsh/completions/_kube-courier',
      'npm run -s ops -- completion fish > ~/.config/fish/completions/ops.fish',
    ],
    positionals: ['SHELL'],
    options: {},
    async run(args, io) {
      const [shell = ''] = args.positionals;
      const script = SCRIPTS[shell];
      if (script === undefined) throw usageError(`${shell} is no shell that is known (expected ${SHELLS.join(', ')})`);
      const text = script(await readWords(commands));
      io.out(args.json ? JSON.stringify({ shell, script: text }) : text.trimEnd());
      return 0;
    },
  });
}
