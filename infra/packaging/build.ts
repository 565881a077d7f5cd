import { execFile } from 'node:child_process';
import { mkdir, readFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BuildOptions } from 'esbuild';
import { buildEach, buildOptions } from '../build.ts';
import { inClusterRelay, routerBundle, sinkBundle, type Bundle } from '../bundles.ts';
import { projectFolder, sinkTypes } from '../discover.ts';
import { loadPage } from '../console/assets.ts';
import { PAGE_FILES } from './console-page.ts';
import { buildFunctions } from './functions.ts';
import { licences } from './licences.ts';
import { inThePlaceOf, onlyTheCore } from './replacements.ts';

/** What whoever has an app of their own imports. In CommonJS, which both kinds of modules can import: as the CDK is. */
const CONSTRUCT: Bundle = { entry: 'infra/packaging/construct.ts', file: 'construct.cjs' };

/**
 * Builds all files of the npm package into an empty folder: JavaScript for Node, with what it needs of its dependencies in it, the
 * types of the construct, and the licences of what is in it.
 * @throws what esbuild or the compiler found
 */
export async function buildPackage(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  const functions = await buildFunctions([routerBundle, ...sinkTypes().map(sinkBundle)], folder);
  const relay = buildOptions(inClusterRelay, join(folder, inClusterRelay.file));
  const results = await buildEach([{ ...relay, metafile: true }, commandOptions(folder), constructOptions(folder)]);
  const inputs = [...functions, ...results.flatMap(({ metafile }) => Object.keys(metafile?.inputs ?? {}))];
  await writeFile(join(folder, 'LICENSES.txt'), await licences(inputs, projectFolder));
  await writeFile(join(folder, 'construct.d.cts'), await constructTypes());
  await writePage(folder);
}

async function writePage(folder: string): Promise<void> {
  const { script, style } = await loadPage();
  await mkdir(join(folder, 'console'));
  await writeFile(join(folder, PAGE_FILES.script), script);
  await writeFile(join(folder, PAGE_FILES.style), style);
}

function commandOptions(folder: string): BuildOptions {
  const main: Bundle = { entry: 'infra/packaging/main.ts', file: 'main.mjs', inChunks: true };
  return {
    ...buildOptions(main, join(folder, main.file)),
    entryPoints: [main.entry, 'infra/packaging/app.ts'],
    // Beside the entries, so that all find what is beside them.
    chunkNames: '[name]-[hash]',
    external: ['@aws/cloudformation-validate'],
    plugins: [inThePlaceOf(), onlyTheCore],
    metafile: true,
  };
}

function constructOptions(folder: string): BuildOptions {
  return {
    ...buildOptions(CONSTRUCT, join(folder, CONSTRUCT.file)),
    entryPoints: [CONSTRUCT.entry],
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    banner: {},
    define: { 'import.meta.dirname': '__dirname' },
    // There may be one CDK in an app.
    external: ['aws-cdk-lib', 'constructs'],
    plugins: [inThePlaceOf()],
    metafile: true,
  };
}

/** The types of the construct. @throws where they need types of this project's, which the package does not have. */
async function constructTypes(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kube-courier-types-'));
  try {
    const compiler = join(projectFolder, 'node_modules', '.bin', 'tsc');
    await promisify(execFile)(compiler, ['--project', join(import.meta.dirname, 'tsconfig.json'), '--outDir', folder]);
    const types = await readFile(join(folder, 'infra', 'packaging', 'construct.d.ts'), 'utf8');
    const [foreign] = /from '\.[^']*'|import\("\.[^"]*"\)/.exec(types) ?? [];
    if (foreign !== undefined)
      throw new Error(`the types of the construct need ${foreign}, which is not in the package`);
    return types;
  } finally {
    await rm(folder, { recursive: true });
  }
}
