import { text } from 'node:stream/consumers';
import { clearLine, createInterface, cursorTo } from 'node:readline';
import { Writable } from 'node:stream';
import { screenOf } from './terminal/screen.ts';
import { systemClock } from './ops/clock.ts';
import manifest from '../package.json' with { type: 'json' };
import type { Deployed } from './ops/aws/stack.ts';
import { OpsError, type ConsoleOptions, type Io, type OpenConsole } from './ops/command.ts';
import { runOps } from './ops/run.ts';

const interrupt = new AbortController();
/** One Ctrl-C under npm comes twice, from the terminal and from npm; a second one by hand means now. */
const SAME_INTERRUPT_MS = 500;
let interruptedAt: number | undefined;
/** Whether the command watches for an interrupt: one that does not has nothing to bring to an end. */
let isWatched = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    const isSecond = interruptedAt !== undefined && Date.now() - interruptedAt > SAME_INTERRUPT_MS;
    if (isSecond || !isWatched) process.exit(130);
    interruptedAt ??= Date.now();
    interrupt.abort();
  });
}
// A reader that has seen enough (head) is no failure, but an end: what is held must be given back.
process.stdout.on('error', () => (isWatched ? interrupt.abort() : process.exit(0)));

let inProgress = false;

const io: Io = {
  out: (line) => process.stdout.write(`${line}\n`),
  screen: screenOf(process.stdout),
  err(line) {
    if (inProgress) clear();
    process.stderr.write(`${line}\n`);
  },
  progress(line) {
    if (!process.stderr.isTTY) {
      process.stderr.write(`${line}\n`);
      return;
    }
    clear();
    process.stderr.write(line);
    inProgress = true;
  },
  stdin: () => text(process.stdin),
  askSecret,
  env: process.env,
  clock: systemClock,
  openConsole,
  get signal() {
    isWatched = true;
    return interrupt.signal;
  },
};

/** What only this command needs is loaded by it. */
async function openConsole(deployed: Deployed, options: ConsoleOptions): Promise<OpenConsole> {
  const [{ startConsole }, { createStackSource }] = await Promise.all([
    import('./console/server/server.ts'),
    import('./console/stack-source/stack-source.ts'),
  ]);
  return startConsole(createStackSource(deployed), { ...options, version: manifest.version });
}

function clear(): void {
  clearLine(process.stderr, 0);
  cursorTo(process.stderr, 0);
  inProgress = false;
}

async function askSecret(question: string): Promise<string> {
  if (!process.stdin.isTTY) throw new OpsError(`${question}: no terminal to ask on`);
  process.stderr.write(`${question}: `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await new Promise<string>((resolve, reject) => {
      prompt.once('line', resolve);
      prompt.once('SIGINT', () => reject(new OpsError('interrupted: nothing was changed')));
    });
  } finally {
    prompt.close();
    process.stderr.write('\n');
  }
}

process.exitCode = await runOps(process.argv.slice(2), io);
// What a command has let go of when it was interrupted, such as a call that AWS does not answer, holds up nobody.
if (interrupt.signal.aborted && process.stdout.isTTY) process.exit();
