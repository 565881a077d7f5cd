import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import manifest from '../../../package.json' with { type: 'json' };
import { codeOf } from '../../../functions/core/contract/untrusted.ts';
import { CHART_NAME, chartFiles } from '../../../relay/manifests/chart.ts';
import { defineCommand, OpsError } from '../command.ts';
import { relayBundle } from './bundle.ts';

export const command = defineCommand({
  usage: 'DIR',
  about:
    "Writes the relay's Helm chart into a folder: the same objects as relay manifest, with the relay inside, so that no image is to be built. It asks no AWS: queueUrl, region and cluster are values, which outputs of the stack tell.",
  examples: ['npm run -s ops -- relay chart kube-courier-relay'],
  positionals: ['DIR'],
  options: {},
  async run({ positionals: [folder = ''], json }, io) {
    await refuseOthers(folder);
    const files = chartFiles({ bundle: await relayBundle(), version: manifest.version });
    for (const [path, content] of files) {
      const file = join(folder, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    if (json) io.out(JSON.stringify({ chart: folder, files: [...files.keys()] }));
    io.err(`${folder}: the chart of version ${manifest.version}; its values.yaml says what is to be set`);
    return 0;
  },
});

/** @throws {OpsError} where the folder has something else in it. */
async function refuseOthers(folder: string): Promise<void> {
  try {
    if ((await readdir(folder)).length === 0) return;
    const chart = await readFile(join(folder, 'Chart.yaml'), 'utf8');
    if (chart.includes(`name: ${CHART_NAME}\n`)) return;
  } catch (error) {
    if (codeOf(error) === 'ENOTDIR') throw new OpsError(`${folder} is no folder: nothing was written`);
    if (codeOf(error) !== 'ENOENT') throw error;
    if (!(await readdir(folder).catch(() => undefined))) return;
  }
  throw new OpsError(`${folder} is not empty, and no chart of the relay: nothing was written`);
}
