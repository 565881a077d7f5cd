import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { commandWorks, runCommand } from './command.ts';

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');
// The installer, where the machine has none: pip itself takes about a minute longer.
const UV = 'uv==0.13.9';

/**
 * The interpreter of a virtual environment that holds LocalStack's locked packages. It is kept in the user's cache folder,
 * one for each lock and Python version, so only the first call installs (about ten seconds, 375 MB).
 */
export async function installLocalStack(log: (line: string) => void): Promise<string> {
  const version = await pythonVersion();
  const key = createHash('sha256')
    .update(version)
    .update(await readFile(REQUIREMENTS));
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'kube-courier');
  const folder = join(cache, `localstack-${key.digest('hex').slice(0, 16)}`);
  if (existsSync(folder)) return interpreter(folder);

  log(`installing LocalStack's Python packages into ${folder} (once)`);
  await mkdir(cache, { recursive: true });
  // Built beside its place and renamed, so that nobody sees half of it, whoever else builds or gives up.
  const draft = await mkdtemp(`${folder}.`);
  try {
    await build(draft);
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error; // else somebody was faster
  }
  return interpreter(folder);
}

async function pythonVersion(): Promise<string> {
  const output = await runCommand('python3', ['--version']).catch((cause: unknown) => {
    throw new Error('LocalStack needs Docker or python3 (3.10 or later), and neither was found', { cause });
  });
  const [, minor] = /Python 3\.(\d+)/.exec(output) ?? [];
  if (Number(minor) < 10) throw new Error(`LocalStack needs Python 3.10 or later, python3 is ${output.trim()}`);
  return output.trim();
}

async function build(folder: string): Promise<void> {
  const python = interpreter(folder);
  if (await commandWorks('uv', ['--version'])) {
    await runCommand('uv', ['venv', '--quiet', '--allow-existing', '--python', 'python3', folder]);
    await install('uv', python);
    return;
  }
  await runCommand('python3', ['-m', 'venv', folder]).catch((cause: unknown) => {
    throw new Error('python3 -m venv failed: install python3-venv, or uv', { cause });
  });
  await runCommand(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', UV]);
  await install(join(dirname(python), 'uv'), python);
}

async function install(uv: string, python: string): Promise<void> {
  await runCommand(uv, ['pip', 'install', '--quiet', '--compile-bytecode', '--python', python, '-r', REQUIREMENTS]);
}

function interpreter(folder: string): string {
  return join(folder, 'bin', 'python');
}
