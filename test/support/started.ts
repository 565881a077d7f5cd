import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { tied } from './services/tied.ts';
import { until } from './relay.ts';

const PROJECT = join(import.meta.dirname, '../..');
/** Node's options and the program, as the script has them. */
const [, ...START] = manifest.scripts.start.replace('exec ', '').split(' ');
const END_MS = 60_000;

/** `npm start` with its console. */
export interface Started {
  /** Of the console, with its token. */
  readonly address: string;
  readonly pid: number | undefined;
  /** Interrupts it, as Ctrl-C does, and resolves to the numbers of its summary by the word before them. */
  sumUp(): Promise<Readonly<Record<string, number>>>;
  /** Ends it, however it is. Harmless when it has ended. */
  kill(): Promise<void>;
}

export async function startCourier(...args: readonly string[]): Promise<Started> {
  const [program, ...rest] = tied([process.execPath, ...START, ...args]);
  const child = spawn(program, rest, { cwd: PROJECT, stdio: ['ignore', 'ignore', 'pipe'] });
  let told = '';
  child.stderr.setEncoding('utf8').on('data', (chunk) => (told += chunk));
  const address = (): string | undefined => /^kube-courier: console: (\S+)$/m.exec(told)?.[1];
  try {
    await until(() => address() !== undefined || hasEnded(child), 'the address of the console');
  } catch (error) {
    await kill(child);
    throw error;
  }
  if (address() === undefined) throw new Error(`npm start has no console:\n${told}`);
  return {
    address: address() ?? '',
    pid: child.pid,
    async sumUp() {
      child.kill('SIGINT');
      await until(() => hasEnded(child), 'the end of npm start', END_MS);
      return summaryIn(told);
    },
    kill: () => kill(child),
  };
}

/** The numbers of the summary by the word before them, and the number of events; none where it does not add up. */
export function summaryIn(told: string): Readonly<Record<string, number>> {
  const line = told.split('\n').find((each) => each.includes('it adds up')) ?? '';
  const events = /(\d+) events;/.exec(line)?.[1];
  return {
    ...(events !== undefined && { events: Number(events) }),
    ...Object.fromEntries([...line.matchAll(/([\w-]+) (\d+)/g)].map(([, name, number]) => [name, Number(number)])),
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function kill(child: ChildProcess): Promise<void> {
  if (!hasEnded(child) && child.kill('SIGKILL')) await once(child, 'exit');
}
