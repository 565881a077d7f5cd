import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { sampleKubeEvent } from '../../../../functions/core/contract/sample.ts';
import type { KubeEvent } from '../../../../functions/core/contract/event.ts';
import { folderOf, ops, remove, type Run } from '../run.ts';

const INPUTS = join(import.meta.dirname, '../../../support/inputs');

/** What an import wrote and told. Its folder is removed after the test. */
export interface ImportedFolder {
  readonly run: Run;
  readonly dir: string;
  /** A written document by its path in the folder. */
  readonly read: (file: string) => Promise<unknown>;
  /** The JSON body that a webhook would be sent for an event. */
  readonly bodyOf: (id: string, event?: KubeEvent) => Promise<unknown>;
  /** What was told, without the folder's place. */
  readonly notes: readonly string[];
}

const folders: string[] = [];

afterEach(async () => {
  await Promise.all(folders.splice(0).map(remove));
});

/** An input of the folder `test/support/inputs`. */
export function input(name: string): Promise<string> {
  return readFile(join(INPUTS, name), 'utf8');
}

export async function importText(
  from: 'kube-eventer' | 'kubernetes-event-exporter',
  text: string,
): Promise<ImportedFolder> {
  const dir = await folderOf({ 'source.yaml': text });
  folders.push(dir);
  const run = await ops(['import', from, `${dir}/source.yaml`, '--out', `${dir}/out`]);
  return {
    run,
    dir,
    read: async (file) => JSON.parse(await readFile(join(dir, 'out', file), 'utf8')),
    bodyOf: async (id, event = sampleKubeEvent) => {
      const folder = ['--folder', `${dir}/out`, '--destination', id, '--events', '-', '--json'];
      const { out } = await ops(['preview', ...folder], { stdin: async () => JSON.stringify(event) });
      return JSON.parse(JSON.parse(out.join('')).payload.body);
    },
    notes: run.err.map((line) => line.replaceAll(`${dir}/out/`, '')),
  };
}

/** The destinations that each event reaches. */
export async function routes(dir: string, events: readonly KubeEvent[]): Promise<readonly (readonly string[])[]> {
  const { out } = await ops(['route', '--folder', `${dir}/out`, '--events', '-', '--json'], {
    stdin: async () => JSON.stringify(events),
  });
  return out.map((line): readonly string[] => JSON.parse(line).destinations);
}
