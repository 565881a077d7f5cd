import { loadPage } from '../../../infra/console/assets.ts';
import type { ConsoleSource } from '../../../infra/console/source.ts';
import type { ClusterEvent } from '../../../functions/core/contract/event.ts';
import { startTestConsole } from '../console/console.ts';
import { memorySource, seen, type MemorySource } from '../console/memory-source.ts';
import { until } from '../relay.ts';

/** A console in this process, with the page itself. */
export interface ServedConsole {
  readonly source: MemorySource;
  readonly address: string;
  readonly port: number;
  readonly token: string;
  tell(...events: readonly ClusterEvent[]): void;
  stop(): Promise<void>;
}

export interface ServedOptions {
  readonly port?: number;
  readonly token?: string;
  /** By `<tree>/<id>`. */
  readonly documents?: Readonly<Record<string, unknown>>;
  readonly source?: Partial<ConsoleSource>;
}

export async function serveConsole({ documents, source: given, ...place }: ServedOptions = {}): Promise<ServedConsole> {
  const source = memorySource(documents, given);
  const served = await startTestConsole(source, { page: await loadPage(), ...place });
  await until(() => source.follows() === 1, 'the console to follow its source');
  return {
    source,
    address: `http://127.0.0.1:${served.port}/#token=${served.token}`,
    port: served.port,
    token: served.token,
    tell: (...events) => source.tell(...events.map(seen)),
    stop: () => served.stop(),
  };
}
