import { basename, dirname, join, relative } from 'node:path';
import { build, type BuildOptions, type Metafile } from 'esbuild';
import { projectFolder, sinkTypes } from './discover.ts';
import { messageOf } from '../functions/core/contract/untrusted.ts';

/** A self-contained file to build, or a folder of them. */
export interface Bundle {
  /** The module it starts from, relative to the project. */
  readonly entry: string;
  /** The file it becomes, relative to the output folder; `.mjs`. */
  readonly file: string;
  /** Whether what it imports only when needed is in files of their own, in `chunks/` beside it: only then is that not loaded at the start. */
  readonly inChunks?: boolean;
  /** Imports left out: they are made only where they are to be had. */
  readonly without?: readonly string[];
}

/** The router's function. */
export const routerBundle: Bundle = {
  entry: 'functions/fanout/handler.ts',
  file: 'functions/fanout/index.mjs',
  inChunks: true,
};

/** The function of a sink type. */
export function sinkBundle(type: string): Bundle {
  return { entry: `functions/sinks/${type}/handler.ts`, file: `functions/sinks/${type}/index.mjs`, inChunks: true };
}

/** The relay, with the kubeconfig library and, for use in a cluster, without it: it is loaded only where a kubeconfig is read. */
export const relayBundles: readonly Bundle[] = [
  { entry: 'relay/main.ts', file: 'relay.mjs' },
  { entry: 'relay/main.ts', file: 'relay-incluster.mjs', without: ['./cluster/kubeconfig.ts'] },
];

/**
 * What dependencies import and no bundle uses: an empty module stands in its place, because reading it is part of a cold start.
 * Using one of them is a TypeError, which the sinks' integration tests would meet.
 */
const UNUSED = [
  // By axios: no form is sent, no redirect is followed (`maxRedirects` 0 in core/kit/http.ts).
  'form-data',
  'follow-redirects',
  // Another way to connect, and a format of search results, by Elastic's client: it writes, through the function's own HTTP.
  'undici',
  'apache-arrow/Arrow.node',
];
const EMPTY = 'data:text/javascript,module.exports={}';
/** An `import` of Node's http reads each of its exports, and loads WebSocket and fetch by that: a fifth of a cold start. */
const HTTP = "data:text/javascript,module.exports=process.getBuiltinModule('node:http')";

/** Node's own, in the place of a copy with its tables (270 KB), by which MongoDB's driver reads connection strings. */
const URLS = 'data:text/javascript,module.exports={URL,URLSearchParams}';

/** How esbuild makes a bundle, as the file of that name; the functions' code on AWS is built with the same options as dist/. */
export function buildOptions(bundle: Bundle, file: string, project: string = projectFolder): BuildOptions {
  return {
    absWorkingDir: project,
    entryPoints: [{ in: bundle.entry, out: basename(file, '.mjs') }],
    outdir: dirname(file),
    outExtension: { '.js': '.mjs' },
    splitting: bundle.inChunks ?? false,
    chunkNames: 'chunks/[hash]',
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    external: [...(bundle.without ?? [])],
    alias: {
      ...Object.fromEntries(UNUSED.map((name) => [name, EMPTY])),
      http: HTTP,
      'node:http': HTTP,
      'whatwg-url': URLS,
    },
    // Dependencies written as CommonJS call require, which an ES module does not have.
    banner: {
      js: "import { createRequire as moduleRequire } from 'node:module'; const require = moduleRequire(import.meta.url);",
    },
    logLevel: 'silent',
  };
}

/** Of what was built, the files that are loaded by importing one of them: itself, and the chunks that it needs at once. */
export function startFiles({ outputs }: Metafile, entry: string): readonly Metafile['outputs'][string][] {
  const found = new Set(Object.keys(outputs).filter((file) => basename(file) === entry));
  // A set is walked to its end, however it grows meanwhile.
  for (const file of found) {
    for (const { path, kind } of outputs[file]?.imports ?? []) if (kind === 'import-statement') found.add(path);
  }
  return [...found].flatMap((file) => outputs[file] ?? []);
}

/** Builds everything into a folder, with source maps beside the files. @throws what esbuild found, of all bundles. */
export async function buildAll(folder: string, project: string = projectFolder): Promise<readonly string[]> {
  const bundles = [...relayBundles, routerBundle, ...sinkTypes(project).map(sinkBundle)];
  const results = await Promise.allSettled(
    bundles.map(async (bundle) => {
      const file = join(folder, bundle.file);
      await build({ ...buildOptions(bundle, file, project), sourcemap: 'linked', sourcesContent: false });
      return file;
    }),
  );
  const failures = results.filter((result) => result.status === 'rejected');
  if (failures.length > 0) throw new Error(failures.map(({ reason }) => messageOf(reason)).join('\n'));
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

if (import.meta.main) {
  try {
    const files = await buildAll(join(projectFolder, 'dist'));
    process.stdout.write(files.map((file) => `${relative(projectFolder, file)}\n`).join(''));
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}
