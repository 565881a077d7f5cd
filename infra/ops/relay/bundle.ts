import { build } from 'esbuild';
import { buildOptions } from '../../build.ts';
import { inClusterRelay } from '../../bundles.ts';
import { OpsError } from '../command.ts';

/** The relay as manifest and chart carry it, built from this checkout. The npm package brings it built. */
export async function relayBundle(): Promise<Uint8Array> {
  const { outputFiles } = await build({ ...buildOptions(inClusterRelay, inClusterRelay.file), write: false });
  const [bundle] = outputFiles;
  if (bundle === undefined) throw new OpsError('the relay could not be built');
  return bundle.contents;
}
