import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { run } from './run.ts';

/**
 * Unpacks packages of the distribution, and those they need that this machine lacks, into the folder. Nothing is
 * installed: no service starts, and no right beyond the folder is needed.
 */
export async function unpackDebianPackages(folder: string, packages: readonly string[]): Promise<void> {
  const work = join(folder, 'packages');
  await mkdir(work);
  // a machine image often comes without package lists, and only root may fetch the system's: then a private copy serves
  await download(work, packages, []).catch(async () => {
    await rm(work, { recursive: true });
    const options = await privateLists(work);
    await run('apt-get', [...options, '-q', 'update']);
    await download(work, packages, options);
  });
  for (const file of await readdir(work)) {
    if (file.endsWith('.deb')) await run('dpkg', ['-x', join(work, file), folder]);
  }
  await rm(work, { recursive: true });
}

/** The environment in which programs from an unpacked folder find their libraries. */
export async function unpackedEnvironment(folder: string): Promise<Readonly<Record<string, string>>> {
  const paths = await Promise.all(['lib', 'usr/lib'].map((parent) => libraryFolders(join(folder, parent))));
  return { LD_LIBRARY_PATH: paths.flat().join(':') };
}

/** Libraries are in a folder per architecture, such as `x86_64-linux-gnu`. */
async function libraryFolders(parent: string): Promise<readonly string[]> {
  const names = await readdir(parent).catch(() => []);
  return names.filter((name) => name.includes('-linux-')).map((name) => join(parent, name));
}

async function download(work: string, packages: readonly string[], options: readonly string[]): Promise<void> {
  const plan = await run('apt-get', [...options, 'install', '--simulate', '--no-install-recommends', ...packages]);
  const missing = [...plan.matchAll(/^Inst (\S+)/gm)].flatMap((match) => match[1] ?? []);
  // as root, apt drops its rights for the download, and then cannot write here
  const wanted = new Set([...packages, ...missing]);
  await run('apt-get', [...options, '-q', '-o', 'APT::Sandbox::User=', 'download', ...wanted], { cwd: work });
}

async function privateLists(work: string): Promise<readonly string[]> {
  await mkdir(join(work, 'lists', 'partial'), { recursive: true });
  await mkdir(join(work, 'cache', 'archives', 'partial'), { recursive: true });
  return [
    ['-o', `Dir::State::Lists=${join(work, 'lists')}`],
    ['-o', `Dir::Cache=${join(work, 'cache')}`],
    ['-o', 'APT::Sandbox::User='],
  ].flat();
}
