import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectFolder } from '../../infra/discover.ts';
import { fences, readGuide } from '../support/guides.ts';

const NOT_COPIED = new Set(['node_modules', '.git', 'dist', 'cdk.out', 'coverage']);

let folder: string;
let before: ReadonlyMap<string, string>;

/** A copy of the project with the sinks that the guide shows, and what its steps generate. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'adding-a-sink-'));
  await cp(projectFolder, folder, {
    recursive: true,
    filter: (source) => !NOT_COPIED.has(relative(projectFolder, source)),
  });
  await symlink(join(projectFolder, 'node_modules'), join(folder, 'node_modules'));
  before = await contents();
  for (const { tags, text } of fences(readGuide('functions/ADDING.md'))) {
    const [file] = tags;
    if (file === undefined) continue;
    await mkdir(join(folder, dirname(file)), { recursive: true });
    await writeFile(join(folder, file), `${text}\n`);
  }
  await run('npm', 'run', '--silent', 'docs');
  await vitest('test/functions/sinks/messages.test.ts', '--update');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('changes no file outside of their folders, but for the tables of sinks', async () => {
  const after = await contents();
  const changed = [...after].filter(([file, text]) => before.get(file) !== text).map(([file]) => file);
  const elsewhere = changed.filter((file) => !/^functions\/sinks\/(bell|shelf)\//.test(file));
  expect(elsewhere.toSorted()).toEqual(['README.md', 'README.zh-CN.md']);
  for (const file of elsewhere) {
    const lines = new Set(before.get(file)?.split('\n'));
    const added =
      after
        .get(file)
        ?.split('\n')
        .filter((line) => !lines.has(line)) ?? [];
    expect(added.map((line) => /^\| \[(\w+)\]/.exec(line)?.[1])).toEqual(['bell', 'shelf']);
  }
});

test.each([
  ['types', 'npx', 'tsc'],
  ['lint', 'npm', 'run', '--silent', 'lint'],
  ['format', 'npm', 'run', '--silent', 'format:check'],
  ['dead code', 'npx', 'knip'],
  ['generated files', 'node', 'infra/docs.ts', '--check'],
  ['the stack', 'npx', 'cdk', 'synth', '--quiet', '--context', 'sinks=bell,shelf'],
])('leaves the check of %s content', async (_, ...command) => {
  await expect(run(...command)).resolves.toBeDefined();
});

test('passes the conformance suite, the guides and the rules for stacks', async () => {
  const output = await vitest(
    'test/functions/sinks.test.ts',
    'test/docs.test.ts',
    'test/infra/nag.test.ts',
    '--reporter=verbose',
  );
  for (const type of ['bell', 'shelf']) expect(output).toContain(`sink ${type} > has the files every sink has`);
});

function vitest(...args: readonly string[]): Promise<string> {
  return run('npx', 'vitest', 'run', '--project', 'unit', ...args);
}

/** @throws with what the command wrote, if it fails. */
async function run(...[command = '', ...args]: readonly string[]): Promise<string> {
  const { CI: _, ...env } = process.env;
  const done = promisify(execFile)(command, args, { cwd: folder, env: { ...env, NO_COLOR: '1' }, maxBuffer: 2 ** 26 });
  const { stdout } = await done.catch((error: { readonly stdout: string; readonly stderr: string }) => {
    throw new Error(`${[command, ...args].join(' ')}: ${error.stdout.slice(-4000)}${error.stderr.slice(-2000)}`);
  });
  return stdout;
}

async function contents(): Promise<ReadonlyMap<string, string>> {
  const files = globSync('**/*', { cwd: folder, exclude: ({ name }) => NOT_COPIED.has(name), withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  return new Map(
    await Promise.all(files.map(async (file) => [file, await readFile(join(folder, file), 'utf8')] as const)),
  );
}
