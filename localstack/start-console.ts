import { join } from 'node:path';
import manifest from '../package.json' with { type: 'json' };
import { messageOf } from '../functions/core/contract/untrusted.ts';
import { called } from '../infra/called.ts';
import type { ConsoleSource } from '../infra/console/source.ts';
import { searchCommand } from '../infra/console/search-command.ts';
import type { Choice } from './choice.ts';
import type { ConsoleTap } from './embedded/console-tap.ts';
import type { EmbeddedStack } from './embedded/embedded.ts';

export interface StartConsoleOptions {
  readonly choice: Choice;
  /** What is watched. */
  readonly title: string;
  readonly folder: string;
  /** That of the sample. */
  readonly receiver?: NonNullable<ConsoleSource['receiver']>;
  readonly stack: EmbeddedStack;
  readonly tap: ConsoleTap;
  /** Takes lines for the person. */
  readonly tell: (line: string) => void;
}

/** The console on its way, or at work. */
export interface StartedConsole {
  /** Never rejects. */
  stop(): Promise<void>;
}

/** Starts the console beside the stack, and tells its address once it can be opened. Whatever goes wrong with it is told, and harms nothing. */
export function startEmbeddedConsole(options: StartConsoleOptions): StartedConsole {
  const { tell } = options;
  const ended = new AbortController();
  const starting = start(options, ended.signal).catch((error: unknown) => {
    tell(`kube-courier: there is no console, all else goes on: ${messageOf(error)}`);
    return undefined;
  });
  return {
    async stop() {
      ended.abort();
      const running = await starting;
      await running?.stop().catch(() => {});
    },
  };
}

async function start(options: StartConsoleOptions, signal: AbortSignal) {
  const { choice, title, folder, stack, tap, tell } = options;
  const { archive, console: wanted = { port: 0, readOnly: false } } = choice;
  // Only now: the relay does not wait for what only the console needs.
  const [{ startConsole }, { embeddedSource }] = await Promise.all([
    import('../infra/console/server/server.ts'),
    import('./embedded/console-source.ts'),
  ]);
  const source = embeddedSource({
    title,
    folder,
    stack,
    tap,
    receiver: options.receiver ?? { why: withoutReceiver(choice), command: called.sample },
    signal,
    ...(archive !== undefined && {
      earlier: (object: object) => `${called.ops} ${searchCommand({ archive: join(archive, 'events'), ...object })}`,
    }),
  });
  const running = await startConsole(source, { ...wanted, version: manifest.version });
  if (!signal.aborted) tell(`kube-courier: console: ${running.address}`);
  return running;
}

function withoutReceiver({ folder }: Choice): string {
  return folder === undefined
    ? 'Only the sample has a receiver that fails as it is told to.'
    : 'Your own destinations deliver to receivers of their own; the sample has one that fails as it is told to.';
}
