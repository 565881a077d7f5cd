import { globSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Plugin } from 'esbuild';
import { projectFolder, sinkTypes } from '../discover.ts';

/** Modules that find things in the folders of a clone, and what stands in their place in the package. */
const REPLACEMENTS: Readonly<Record<string, () => string | Promise<string>>> = {
  'infra/called.ts': file('called.ts'),
  'infra/ops/relay/bundle.ts': file('relay-bundle.ts'),
  'infra/console/assets.ts': file('console-page.ts'),
  'infra/function-files.ts': file('function-files.ts'),
  'infra/sink-modules.ts': sinkModules,
  'infra/packaging/configs.ts': configs,
  'relay/manifests/source.ts': manifests,
};

function file(name: string): () => Promise<string> {
  return () => readFile(join(import.meta.dirname, name), 'utf8');
}

/** Every sink type, each in a file of its own that is loaded when it is asked for. */
function sinkModules(): string {
  const entries = sinkTypes().map((type) => {
    const load = (name: string): string => `() => import(${JSON.stringify(sinkFile(type, name))})`;
    return `${JSON.stringify(type)}: { config: ${load('config')}, sink: ${load('sink')} }`;
  });
  return `
    const sinks = { ${entries.join(', ')} };
    export const typesIn = () => Object.keys(sinks);
    export const importOf = (type, name) => sinks[type][name]();`;
}

function configs(): string {
  const names = sinkTypes().map((type, index) => ({
    name: `config${index}`,
    from: JSON.stringify(sinkFile(type, 'config')),
  }));
  return `
    ${names.map(({ name, from }) => `import { config as ${name} } from ${from};`).join('\n')}
    export const configs = [${names.map(({ name }) => name).join(', ')}];`;
}

function sinkFile(type: string, name: string): string {
  return join(projectFolder, 'functions', 'sinks', type, `${name}.ts`);
}

function manifests(): string {
  const folder = join(projectFolder, 'relay', 'manifests');
  const texts = globSync('*/*.yaml', { cwd: folder }).map((path) => [path, readFileSync(join(folder, path), 'utf8')]);
  return `
    const texts = ${JSON.stringify(Object.fromEntries(texts))};
    export const manifestFile = (path) => texts[path];`;
}

/** Puts the package's modules in the place of a clone's. */
export function inThePlaceOf(): Plugin {
  return {
    name: 'in the place of',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const replacement = REPLACEMENTS[relative(projectFolder, path)];
        // As if it stood in this folder, where the replacements are written.
        return replacement && { contents: await replacement(), loader: 'ts', resolveDir: import.meta.dirname };
      });
    },
  };
}

/**
 * What is imported of `aws-cdk-lib` itself comes from its core: its index also requires each of its 300 services when it is asked
 * for them, 30 MB in all.
 */
export const onlyTheCore: Plugin = {
  name: 'only the core',
  setup(build) {
    build.onResolve({ filter: /^aws-cdk-lib$/ }, ({ kind, resolveDir }) =>
      build.resolve('aws-cdk-lib/core', { kind, resolveDir }),
    );
  },
};
