import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { buildOptions } from '../../../infra/build.ts';
import { routerBundle } from '../../../infra/bundles.ts';
import { projectFolder } from '../../../infra/discover.ts';

it('knows the config of every sink folder by its type, tells an unknown type from a config that fails, each time it is asked', async () => {
  const project = mkdtempSync(join(tmpdir(), 'courier-fanout-'));
  const add = (path: string, text: string): void => {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  };
  try {
    for (const path of ['functions/fanout/handler.ts', 'functions/core/contract/untrusted.ts'])
      cpSync(join(projectFolder, path), join(project, path));
    // In place of the router: the function it is given is what the module exports.
    add('functions/fanout/router.ts', 'export const createRouter = (configOf: unknown) => configOf;');
    add('functions/sinks/bell/config.ts', "export const config = { title: 'Bell' };");
    add('functions/sinks/broken/config.ts', "throw new Error('no such locale');\nexport const config = {};");
    const outfile = join(project, 'fanout.mjs');
    await build(buildOptions(routerBundle, outfile, project));
    const { handler: configOf } = await import(pathToFileURL(outfile).href);

    expect(await configOf('bell')).toEqual({ title: 'Bell' });
    expect(await configOf('drum')).toBeUndefined();
    await expect(configOf('broken')).rejects.toThrow('no such locale');
    await expect(configOf('broken')).rejects.toThrow('no such locale');
  } finally {
    rmSync(project, { recursive: true });
  }
});
