import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type BuildOptions } from 'esbuild';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { buildAll, buildOptions } from '../../infra/build.ts';
import { routerBundle, sinkBundle } from '../../infra/bundles.ts';

// Bundling takes seconds where processors are shared.

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function project(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'kube-courier-build-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

test('a router that imports configurations by type carries those of every sink folder with it', async () => {
  const folder = project({
    'functions/fanout/handler.ts':
      'export const handler = async (type: string) => (await import(`../sinks/${type}/config.ts`)).config.title;',
    'functions/sinks/bell/config.ts': "export const config = { title: 'Bell' };",
    'functions/sinks/horn/config.ts': "export const config = { title: 'Horn' };",
    'functions/sinks/horn/sink.ts': "throw new Error('not a configuration');",
  });
  const outfile = join(folder, 'out', 'fanout.mjs');
  await build(buildOptions(routerBundle, outfile, folder));
  rmSync(join(folder, 'functions'), { recursive: true });

  const { handler } = await import(pathToFileURL(outfile).href);

  expect([await handler('bell'), await handler('horn')]).toEqual(['Bell', 'Horn']);
  await expect(handler('drum')).rejects.toThrow('drum');
});

test('a dependency written as CommonJS can require the modules of Node', async () => {
  const folder = project({
    'functions/sinks/bell/handler.ts':
      "import { separator } from './vendor.cjs';\nexport const handler = () => separator;",
    'functions/sinks/bell/vendor.cjs': "exports.separator = require('node:path').posix.sep;",
  });
  const outfile = join(folder, 'bell.mjs');
  await build(buildOptions(sinkBundle('bell'), outfile, folder));

  const { handler } = await import(pathToFileURL(outfile).href);

  expect(handler()).toBe('/');
});

test('makes one file of each function, under names that others rely on: a new import is a cold start', async () => {
  const counter = "let count = 0;\nexport const handler = async () => (await import('./late.ts')).late(count += 1);";
  const folder = project({
    'relay/main.ts': '',
    'functions/fanout/handler.ts': counter,
    'functions/fanout/late.ts': 'let calls = 0;\nexport const late = (count: number) => [count, calls += 1];',
    'functions/sinks/bell/config.ts': '',
    'functions/sinks/bell/handler.ts': 'export const handler = () => {};',
  });
  const dist = join(folder, 'dist');

  const files = await buildAll(dist, folder);
  const start = async (time: number) => import(`${pathToFileURL(join(dist, 'functions/fanout.mjs')).href}?${time}`);
  const [first, second] = [await start(1), await start(2)];

  expect(files.map((file) => relative(dist, file))).toEqual([
    'relay.mjs',
    'relay-incluster.mjs',
    'functions/fanout.mjs',
    'functions/sinks/bell.mjs',
  ]);
  expect(globSync('**/*.mjs', { cwd: dist })).toHaveLength(files.length);
  expect([await first.handler(), await first.handler(), await second.handler()]).toEqual([
    [1, 1],
    [2, 2],
    [1, 1],
  ]);
});

test('fails with the mistakes of all bundles at once', async () => {
  const folder = project({
    'functions/sinks/bell/config.ts': '',
    'functions/sinks/bell/handler.ts': "import './missing.ts';",
  });

  const failure = await buildAll(join(folder, 'dist'), folder).catch((error: unknown) => String(error));

  expect(failure).toContain('relay/main.ts');
  expect(failure).toContain('functions/fanout/handler.ts');
  expect(failure).toContain('./missing.ts');
});

interface ConnectionStrings {
  readonly ConnectionString: new (uri: string) => URL & {
    readonly hosts: readonly string[];
    readonly isSRV: boolean;
    typedSearchParams(): URLSearchParams;
  };
}

test("MongoDB's connection strings are read alike by Node's URL, as in bundles, and by the copy that the driver brings", async () => {
  const folder = project({});
  const entry = 'node_modules/mongodb-connection-string-url/.esm-wrapper.mjs';
  const load = async (name: string, options: BuildOptions): Promise<ConnectionStrings> => {
    const outfile = join(folder, name);
    await build({ ...buildOptions({ entry, file: name }, outfile), ...options });
    return import(pathToFileURL(outfile).href);
  };
  const bundled = await load('bundled.mjs', {});
  const original = await load('original.mjs', { alias: {} });
  const read = ({ ConnectionString }: ConnectionStrings, uri: string): unknown => {
    try {
      const parsed = new ConnectionString(uri);
      const { protocol, username, password, hosts, pathname, href, isSRV } = parsed;
      const options = parsed.typedSearchParams();
      const replicaSet = options.get('REPLICASET');
      return { protocol, username, password, hosts, pathname, href, isSRV, replicaSet, all: [...options] };
    } catch {
      return 'refused';
    }
  };
  const part = fc.string({
    unit: fc.oneof(
      fc.constantFrom(...'a:/?#[]@%&=+, 容é'.split(''), '%40', '%zz'),
      fc.string({ minLength: 1, maxLength: 1 }),
    ),
    maxLength: 12,
  });
  const uri = fc
    .tuple(fc.constantFrom('mongodb', 'mongodb+srv', 'MongoDB', 'http'), part, part, part, part, part)
    .map(([scheme, user, password, host, path, query]) => [
      `${scheme}://${encodeURIComponent(user.toWellFormed())}:${encodeURIComponent(password.toWellFormed())}@${host || 'db'}/${path}?replicaSet=${query}`,
      `${scheme}://${user}:${password}@${host}:27017,b:27018/${path}?${query}`,
      `${scheme}://${host}`,
    ]);

  expect(read(bundled, 'mongodb://me:p%40ss@a:1,b:2/db?replicaSet=rs&tls=true')).toMatchObject({
    password: 'p%40ss',
    hosts: ['a:1', 'b:2'],
    replicaSet: 'rs',
  });
  fc.assert(
    fc.property(uri, (forms) => {
      for (const form of forms) expect(read(bundled, form)).toEqual(read(original, form));
    }),
    { numRuns: 2000 },
  );
});
