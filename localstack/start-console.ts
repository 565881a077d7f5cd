import { join } from 'node:path';
import manifest from '../package.json' with { type: 'json' };
import { shellWord } from '../functions/core/chat/kubectl.ts';
import { messageOf } from '../functions/core/contract/untrusted.ts';
import type { Inability } from '../infra/console/contract.ts';
import type { ConsoleSource } from '../infra/console/source.ts';
import { oneLine } from '../infra/ops/one-line.ts';
import type { ConsoleTap } from './embedded/console-tap.ts';
import type { EmbeddedStack } from './embedded/embedded.ts';

export interface StartConsoleOptions {
  /** 0 for any that is free. */
  readonly port: number;
  readonly readOnly: boolean;
  /** What is watched. */
  readonly title: string;
  readonly folder: string;
  /** Where every event is kept; undefined where that is not so. */
  readonly archive: string | undefined;
  readonly stack: EmbeddedStack;
  readonly tap: ConsoleTap;
  readonly receiver: NonNullable<ConsoleSource['receiver']> | Inability;
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
  const { port, readOnly, archive, tell, ...about } = options;
  // Only now: the relay does not wait for what only the console needs.
  const [{ startConsole }, { embeddedSource }] = await Promise.all([
    import('../infra/console/server/server.ts'),
    import('./embedded/console-source.ts'),
  ]);
  const source = embeddedSource({
    ...about,
    signal,
    ...(archive !== undefined && { earlier: (object) => searchCommand(archive, object) }),
  });
  const running = await startConsole(source, { port, readOnly, version: manifest.version });
  tell(`kube-courier: console: ${running.address}`);
  return running;
}

/** What finds the events of an object in the archive. Anybody may have chosen its names: they are quoted. */
function searchCommand(
  archive: string,
  { cluster, namespace, name }: Parameters<NonNullable<ConsoleSource['earlier']>>[0],
): string {
  const options = Object.entries({ archive: join(archive, 'events'), cluster, namespace, name });
  // What is in no namespace has no name for it.
  const given = options.filter(([, value]) => value !== '');
  return [
    'npm run -s ops -- archive search',
    ...given.map(([key, value]) => `--${key} ${shellWord(oneLine(value))}`),
  ].join(' ');
}
