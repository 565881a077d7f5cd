import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inClusterRelay } from '../bundles.ts';

/** As `infra/ops/relay/bundle.ts`: built when the package was made. */
export function relayBundle(): Promise<Uint8Array> {
  return readFile(join(import.meta.dirname, inClusterRelay.file));
}
