import { basename, dirname, join, relative } from 'node:path';
import { build, type BuildOptions, type BuildResult, type Metafile } from 'esbuild';
import { relayBundles, routerBundle, sinkBundle, type Bundle } from './bundles.ts';
import { projectFolder, sinkTypes } from './discover.ts';
import { messageOf } from '../functions/core/contract/untrusted.ts';

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

/** How esbuild makes a bundle, as the file of that name. */
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

/** A function as one file, which scripts and tests from outside load by its name: importing it anew is a cold start. */
function wholeFunction({ entry }: Bundle, name: string): Bundle {
  return { entry, file: `functions/${name}.mjs` };
}

/**
 * Builds everything into a folder, each as one file with its source map beside it. The functions on AWS are made of the same, in
 * chunks. @throws what esbuild found, of all bundles.
 */
export async function buildAll(folder: string, project: string = projectFolder): Promise<readonly string[]> {
  const bundles = [
    ...relayBundles,
    wholeFunction(routerBundle, 'fanout'),
    ...sinkTypes(project).map((type) => wholeFunction(sinkBundle(type), `sinks/${type}`)),
  ];
  await buildEach(
    bundles.map((bundle) => ({
      ...buildOptions(bundle, join(folder, bundle.file), project),
      sourcemap: 'linked',
      sourcesContent: false,
    })),
  );
  return bundles.map(({ file }) => join(folder, file));
}

/** Builds side by side. @throws what esbuild found, in all of it. */
export async function buildEach(all: readonly BuildOptions[]): Promise<readonly BuildResult[]> {
  const results = await Promise.allSettled(all.map((options) => build(options)));
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
