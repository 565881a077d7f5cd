import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SinkService } from './service.ts';

export type { SinkService } from './service.ts';

/**
 * Starts the service of a sink: the real one where there is one to be had, else a strict stand-in. It is `<type>.ts` beside this
 * file. Undefined for `log`, which needs none.
 * @param now the clock by which a stand-in keeps the vendor's rate.
 */
export async function startSinkService(type: string, now?: () => number): Promise<SinkService | undefined> {
  const file = join(import.meta.dirname, `${type}.ts`);
  if (!existsSync(file)) return undefined;
  const { start } = await import(pathToFileURL(file).href);
  return start(now);
}
