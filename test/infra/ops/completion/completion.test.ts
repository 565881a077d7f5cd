import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sinkTypes } from '../../../../infra/discover.ts';
import { commands } from '../../../../infra/ops/commands.ts';
import { folderOf, ops, remove } from '../run.ts';

const run = promisify(execFile);
const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

let folder: string;

beforeAll(async () => {
  const scripts = await Promise.all(SHELLS.map(async (shell) => [shell, await ops(['completion', shell])] as const));
  folder = await folderOf({
    ...Object.fromEntries(scripts.map(([shell, { out }]) => [`script.${shell}`, `${out.join('\n')}\n`])),
    'work/my file.yaml': '',
    'work/other.json': '',
    'work/a folder/x': '',
  });
});

afterAll(() => remove(folder));

function isInstalled(shell: Shell): boolean {
  try {
    execFileSync(shell, ['-c', 'exit 0'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** What a shell offers for the last word of a line. */
const offers: Readonly<Record<Shell, (words: readonly string[]) => Promise<readonly string[]>>> = {
  bash: (words) =>
    linesOf('bash', [
      '--noprofile',
      '--norc',
      '-c',
      // As bash does it: `complete -p` gives the function for a program.
      `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
       function=$(complete -p "$1" | sed 's/.*-F \\([^ ]*\\) .*/\\1/'); "$function" "$1"
       for reply in "\${COMPREPLY[@]}"; do printf '%s\\n' "$reply"; done`,
      'bash',
      join(folder, 'script.bash'),
      ...words,
    ]),
  zsh: (words) =>
    linesOf('zsh', [
      '-f',
      '-c',
      // What zsh's own widgets do with the words: it keeps those that begin as what is typed.
      `compdef() { }
       compadd() { local end=; if [[ $1 == -S ]]; then end=$2; shift 2; fi; shift
         local each; for each in "$@"; do [[ $each == "$words[CURRENT]"* ]] && print -r -- "$each$end"; done }
       _files() { if [[ $1 == -/ ]]; then print -l -- *(/); else print -l -- *; fi }
       source "$1"; shift; words=("$@"); CURRENT=$#; _kube_courier_ops; true`,
      'zsh',
      join(folder, 'script.zsh'),
      ...words,
    ]),
  fish: async (words) => {
    const found = await linesOf('fish', [
      '--no-config',
      '-c',
      'source $argv[1]; complete -C $argv[2]',
      join(folder, 'script.fish'),
      words.join(' '),
    ]);
    return found.map((each) => each.split('\t')[0] ?? each);
  },
};

async function linesOf(program: string, args: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await run(program, [...args], { cwd: join(folder, 'work') });
  return stdout.split('\n').filter((line) => line !== '');
}

const firsts = [...new Set(Object.keys(commands).map((name) => name.split(' ')[0]))];
const seconds = (first: string): readonly string[] =>
  Object.keys(commands).flatMap((name) => (name.startsWith(`${first} `) ? [name.slice(first.length + 1)] : []));

// What is not installed is not tested: bash is everywhere.
describe.each(SHELLS.filter(isInstalled))('the script for %s', (shell) => {
  const sorted = async (...words: readonly string[]) => (await offers[shell](words)).toSorted();

  test('completes every command and its second word', async () => {
    expect(await sorted('ops', '')).toEqual(expect.arrayContaining(firsts));
    expect(await sorted('ops', 'des')).toEqual(['destinations']);
    expect(await sorted('ops', 'destinations', '')).toEqual(seconds('destinations').toSorted());
    expect(await sorted('ops', 'dlq', 're')).toEqual(['replay']);
    expect(await sorted('ops', 'destinations', 'nonsense', '')).toEqual([]);
  });

  test('completes options, and the values that it can know', async () => {
    expect(await sorted('ops', 'destinations', 'set', '--f')).toEqual(['--file', '--folder']);
    expect(await sorted('ops', 'status', '--j')).toEqual(['--json']);
    expect(await sorted('ops', 'destinations', 'set', 'kaf')).toEqual(['kafka/']);
    expect(await sorted('ops', 'archive', 'replay', '--destination', 'kaf')).toEqual(['kafka/']);
    expect(await sorted('ops', 'dlq', 'ls', 'rou')).toEqual(['router']);
    expect(await sorted('ops', 'explain', '')).toEqual(expect.arrayContaining([...sinkTypes()]));
    expect(await sorted('ops', 'completion', '')).toEqual(expect.arrayContaining(['bash', 'fish', 'zsh']));
    expect(await sorted('ops', 'status', '--stack', '')).toEqual([]);
  });

  test('completes after the program of the package', async () => {
    expect(await sorted('kube-courier', 'o')).toEqual(['ops']);
    expect(await sorted('kube-courier', 'ops', 'des')).toEqual(['destinations']);
    expect(await sorted('kube-courier', 'ops', 'destinations', 'se')).toEqual(['set']);
    expect(await sorted('kube-courier', 'start', 'des')).toEqual([]);
  });

  test('completes files and folders, with spaces in their names', async () => {
    const files = await sorted('ops', 'destinations', 'set', 'log/a', '--file', '');
    const folders = await sorted('ops', 'destinations', 'pull', '');

    expect(files.join('\n')).toMatch(/my.* file\.yaml\n.*other\.json/s);
    expect(folders.join('\n')).toMatch(/a.* folder/);
    expect(folders.join('\n')).not.toContain('other.json');
  });
});

describe('completion', () => {
  test('has names that no shell takes apart', async () => {
    for (const [name, { load }] of Object.entries(commands)) {
      const { command } = await load();
      for (const word of [...name.split(' '), ...Object.keys(command.options)]) expect(word).toMatch(/^[a-z][a-z-]*$/);
    }
  });

  test('takes options with = apart as bash does', async () => {
    expect(await offers.bash(['ops', 'archive', 'replay', '--destination', '=', 'kaf'])).toEqual(['kafka/']);
    expect(await offers.bash(['ops', 'archive', 'replay', '--destination', '='])).toContain('kafka/');
  });

  test('asks for no AWS, and refuses a shell that it does not know', async () => {
    const unknown = await ops(['completion', 'tcsh']);
    const json = await ops(['completion', 'bash', '--json']);

    expect(unknown).toMatchObject({
      code: 2,
      err: ['tcsh is no shell that is known (expected bash, zsh, fish)', expect.any(String)],
    });
    expect(JSON.parse(json.out[0] ?? '')).toMatchObject({
      shell: 'bash',
      script: expect.stringContaining('complete -F'),
    });
  });
});
