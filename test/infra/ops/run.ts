import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { systemClock, type Clock } from '../../../infra/ops/clock.ts';
import type { Io } from '../../../infra/ops/command.ts';
import { plainScreen, type Screen } from '../../../infra/terminal/screen.ts';
import { runOps } from '../../../infra/ops/run.ts';

/** What a command printed, and its exit code. */
export interface Run {
  readonly code: number;
  readonly out: readonly string[];
  readonly err: readonly string[];
}

/** Surroundings that show nothing and hold nothing. */
export const silentIo: Io = {
  out: () => undefined,
  screen: plainScreen,
  err: () => undefined,
  progress: () => undefined,
  stdin: async () => '',
  askSecret: async () => '',
  env: {},
  clock: systemClock,
  openConsole: async () => ({ address: '', stop: async () => {} }),
  signal: new AbortController().signal,
};

/** Runs a command line in this process, as a person would type it. */
export async function ops(argv: readonly string[], given: Partial<Io> = {}): Promise<Run> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runOps(argv, {
    ...silentIo,
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
    progress: (line) => void err.push(line),
    ...given,
  });
  return { code, out, err };
}

/** A terminal of so many cells, which shows colours as words: `<act text>`. */
export function wordScreen(columns = 100): Screen {
  return { columns, paint: (tone, text) => (tone === undefined || text === '' ? text : `<${tone} ${text}>`) };
}

/** A temporary folder with these files; texts as they are, everything else as JSON. Remove it with `remove`. */
export async function folderOf(files: Readonly<Record<string, unknown>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ops-'));
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}

export async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** A clock that is as late as was slept, and what was slept. */
export function fakeClock(): Clock & { readonly slept: readonly number[] } {
  const slept: number[] = [];
  let now = Date.parse('2026-11-23T12:00:00Z');
  return {
    slept,
    now: () => now,
    async sleep(ms) {
      slept.push(ms);
      now += ms;
    },
  };
}
