import { build } from 'esbuild';
import { buildOptions } from './build.ts';
import { inClusterRelay } from './bundles.ts';

/** The relay as its manifest carries it, built from this checkout. The npm package brings it built. */
export async function relayCode(): Promise<Uint8Array> {
  const { outputFiles } = await build({ ...buildOptions(inClusterRelay, inClusterRelay.file), write: false });
  const [bundle] = outputFiles;
  if (bundle === undefined) throw new Error('the relay could not be built');
  return bundle.contents;
}
