import { build } from 'esbuild';
import { buildOptions, relayBundles } from '../../build.ts';
import { OpsError } from '../command.ts';

/** The relay as manifest and chart carry it, built from this checkout. */
export async function relayBundle(): Promise<Uint8Array> {
  const inCluster = relayBundles.find(({ file }) => file === 'relay-incluster.mjs');
  if (inCluster === undefined) throw new OpsError('this checkout builds no relay for use in a cluster');
  const { outputFiles } = await build({ ...buildOptions(inCluster, inCluster.file), write: false });
  const [bundle] = outputFiles;
  if (bundle === undefined) throw new OpsError('the relay could not be built');
  return bundle.contents;
}
