import { execFile } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, matchesGlob } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listOf, recordOf, textOf } from '../../../functions/core/contract/untrusted.ts';
import { walls, type Wall } from '../../../infra/lint/walls.ts';
import manifest from '../../../package.json' with { type: 'json' };

const project = join(import.meta.dirname, '..', '..', '..');
const NODE = builtinModules.filter((name) => !/[_/:]/.test(name));
const PACKAGES = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
const GLOBALS = [
  ['process', 'export const variable = process.env.HOME;'],
  ['timers', 'setTimeout(() => undefined, 1);'],
  ['timers', 'setInterval(() => undefined, 1);'],
  ['timers', 'setImmediate(() => undefined);'],
  ['fetch', 'export const reply = fetch("http://127.0.0.1");'],
  ['fetch', 'export const socket = new WebSocket("ws://127.0.0.1");'],
  ['dynamic', 'export const load = (name: string): Promise<unknown> => import(name);'],
  ['nobody', 'export const hidden = globalThis.fetch;'],
  ['nobody', 'eval("0");'],
] as const;

interface Try {
  readonly code: string;
  readonly refused: boolean;
}

/** Files that try to get somewhere, a try a line. */
const intruders: Readonly<Record<string, readonly Try[]>> = {
  ...Object.fromEntries(Object.entries(walls).map(([key, wall]) => [placeBehind(key), triesOf(key, wall)])),
  // What design.md says, beside what the table says.
  'functions/sinks/log/laws.ts': [
    ...refused('../kafka/sink.ts', '../../core/runtime/handler.ts', '../../core/destinations/filter.ts', 'mysql2'),
    ...refused('../../fanout/router.ts', '../../../relay/log.ts', '@aws-sdk/client-sqs', 'node:net', 'axios', 'zod'),
    ...allowed(
      '../../core/contract/event.ts',
      '../../core/kit/json.ts',
      '../../core/chat/view.ts',
      'zod/mini',
      './other.ts',
    ),
    { code: "export * from '../kafka/sink.ts';", refused: true },
    { code: "export { sink } from '../kafka/sink.ts';", refused: true },
    { code: "export type Other = typeof import('../kafka/sink.ts');", refused: true },
    { code: "export const other = import('../kafka/sink.ts');", refused: true },
    { code: 'export const any = (type: string): Promise<unknown> => import(`../${type}/sink.ts`);', refused: true },
    ...GLOBALS.map(([, code]) => ({ code, refused: true })),
    { code: 'export const call = (fetch: () => void): void => fetch();', refused: false },
    { code: 'export interface Named { readonly process: string }', refused: false },
  ],
  'functions/sinks/kafka/laws.ts': [
    ...refused('mysql2', 'node:fs', '../mysql/sink.ts'),
    ...allowed('kafkajs', 'node:net'),
  ],
  'functions/core/contract/laws.ts': refused(
    '../kit/json.ts',
    '../chat/view.ts',
    '../runtime/log.ts',
    '../../../relay/log.ts',
  ),
  'functions/core/kit/laws.ts': [
    ...refused('../chat/view.ts', '../destinations/filter.ts', '../runtime/log.ts', '../../sinks/log/sink.ts'),
    ...allowed('../contract/event.ts'),
  ],
  'functions/core/runtime/laws.ts': [
    ...refused('../../fanout/router.ts', '../../sinks/log/sink.ts', '../../../infra/discover.ts'),
    ...allowed('../contract/event.ts', '../kit/json.ts', '../chat/view.ts', '../destinations/filter.ts'),
  ],
  'functions/core/file.ts': [{ code: 'export {};', refused: true }],
  'relay/laws.ts': [
    ...refused(
      '../functions/core/kit/json.ts',
      '../functions/fanout/router.ts',
      '../infra/discover.ts',
      '../localstack/start.ts',
    ),
    ...allowed('../functions/core/contract/event.ts', './stream/stream.ts', './laws-too.ts'),
  ],
  'relay/new-folder/file.ts': [{ code: 'export {};', refused: true }],
  'infra/ops/laws.ts': [
    ...refused(
      '../../relay/relay.ts',
      '../../relay/queue/sqs.ts',
      '../../localstack/start.ts',
      '../../test/run.ts',
      '../docs/cost.ts',
    ),
    ...allowed('../../relay/manifests/render.ts', '../../functions/core/runtime/log.ts', './dlq/replay.ts'),
  ],
  'localstack/laws.ts': allowed('../relay/relay.ts', './embedded/embedded.ts'),
};

const circles = [...new Set(Object.keys(walls).map((key) => dirname(placeBehind(key))))];

let folder: string;
/** The lines refused for each file, by the rule that refused them. */
let refusals: ReadonlyMap<string, readonly { readonly rule: string; readonly line: number }[]>;

/** One run of the real command, on a folder that has nothing but the intruders and what lint is configured by. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kube-courier-walls-'));
  for (const name of ['.oxlintrc.json', 'package.json', 'tsconfig.json', 'infra/lint']) {
    cpSync(join(project, name), join(folder, name), { recursive: true });
  }
  const files = [
    ...Object.entries(intruders).map(([file, tries]): [string, string] => [
      file,
      tries.map(({ code }) => code).join('\n'),
    ]),
    ...circles.flatMap((place): [string, string][] => [
      [
        join(place, 'circle-one.ts'),
        "import type { Two } from './circle-two.ts';\nexport interface One { readonly two?: Two }",
      ],
      [
        join(place, 'circle-two.ts'),
        "import type { One } from './circle-one.ts';\nexport interface Two { readonly one?: One }",
      ],
    ]),
  ];
  for (const [file, text] of files) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    writeFileSync(join(folder, file), `${text}\n`);
  }
  refusals = await lint();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(Object.entries(intruders))('%s gets where its wall says, and nowhere else', (file, tries) => {
  const mistaken = tries.filter((one, at) => one.refused !== isRefused(file, at + 1, 'walls(reach)'));
  expect(mistaken).toEqual([]);
});

test.each(circles)('two files of %s that know each other by type alone are refused', (place) => {
  expect(isRefused(join(place, 'circle-one.ts'), 1, 'import(no-cycle)')).toBe(true);
});

test('the walls let dependencies point one way', () => {
  const reaches = (from: string, to: string): boolean =>
    from !== to && (walls[from]?.files ?? []).some((entry) => covers(entry, placeBehind(to), placeBehind(from)));
  const keys = Object.keys(walls).filter((key) => !key.startsWith('functions/sinks/'));
  const order: string[] = [];
  while (order.length < keys.length) {
    const next = keys.filter(
      (key) => !order.includes(key) && keys.every((to) => order.includes(to) || !reaches(key, to)),
    );
    if (next.length === 0) break;
    order.push(...next);
  }
  expect(keys.filter((key) => !order.includes(key))).toEqual([]);
});

test('a client named in package.json is one of the dependencies, and of a sink that exists', () => {
  const named = Object.entries(manifest.sinkClients);
  expect(named.filter(([type]) => !existsSync(join(project, 'functions', 'sinks', type, 'config.ts')))).toEqual([]);
  const packages = named.flatMap(([, names]) => names).filter((name) => !name.startsWith('node:'));
  expect(packages.filter((name) => !PACKAGES.some((one) => name === one || name.startsWith(`${one}/`)))).toEqual([]);
});

test('no source file takes itself out of the walls', () => {
  const files = globSync('{relay,functions,infra,localstack}/**/*.ts', { cwd: project });
  const exempt = files.filter((file) =>
    /lint-disable[^\n]*(walls|no-cycle)|lint-disable\s*\*/.test(readFileSync(join(project, file), 'utf8')),
  );
  expect(exempt).toEqual([]);
});

function refused(...specifiers: readonly string[]): readonly Try[] {
  return specifiers.map((specifier) => ({ code: `import '${specifier}';`, refused: true }));
}

function allowed(...specifiers: readonly string[]): readonly Try[] {
  return specifiers.map((specifier) => ({ code: `import type {} from '${specifier}';`, refused: false }));
}

/** A file that the wall holds. */
function placeBehind(key: string): string {
  const place = key.replace('*.ts', 'probe.ts').replace('*', 'log');
  return place.endsWith('.ts') ? place : `${place}/probe.ts`;
}

/** Every module of Node, package, wall and global, each to be refused unless the wall names it. */
function triesOf(key: string, { files = [], node = [], packages = [], globals = [] }: Wall): readonly Try[] {
  const file = placeBehind(key);
  const up = '../'.repeat(file.split('/').length - 1);
  const others = Object.keys(walls).filter((other) => other !== key && dirname(placeBehind(other)) !== dirname(file));
  return [
    ...NODE.map((name) => ({
      code: `import 'node:${name}';`,
      refused: ![...node, ...packages].some((one) => one.replace('node:', '') === name),
    })),
    ...PACKAGES.map((name) => packages.find((entry) => entry === name || entry.startsWith(`${name}/`)) ?? name).map(
      (name) => ({
        code: `import type {} from '${name}';`,
        refused: !packages.includes(name),
      }),
    ),
    ...others.map(placeBehind).map((target) => ({
      code: `import type {} from '${up}${target}';`,
      refused: !files.some((entry) => covers(entry, target, file)),
    })),
    { code: `import '${up}test/run.ts';`, refused: true },
    ...GLOBALS.map(([name, code]) => ({ code, refused: !globals.some((one) => one === name) })),
  ];
}

function covers(entry: string, target: string, file: string): boolean {
  const glob = entry.startsWith('./') ? join(dirname(file), entry) : entry;
  return matchesGlob(target, glob) || matchesGlob(target, `${glob}/**`);
}

function isRefused(file: string, line: number, rule: string): boolean {
  return refusals.get(file)?.some((one) => one.line === line && one.rule === rule) ?? false;
}

/** Runs `npm run lint` in the folder. */
async function lint(): Promise<typeof refusals> {
  const env = { ...process.env, PATH: `${join(project, 'node_modules', '.bin')}${delimiter}${process.env['PATH']}` };
  const args = ['run', '--silent', 'lint', '--', '--format=json'];
  const output = await promisify(execFile)('npm', args, { cwd: folder, env, maxBuffer: 2 ** 28 }).then(
    () => Promise.reject(new Error('lint is content')),
    (failure: unknown) => textOf(recordOf(failure)['stdout']),
  );
  const diagnostics = listOf(recordOf(JSON.parse(output))['diagnostics']).map(recordOf);
  const all = diagnostics.map((one) => ({
    file: textOf(one['filename']),
    rule: textOf(one['code']),
    line: Number(recordOf(recordOf(recordOf(listOf(one['labels'])[0])['span']))['line']),
  }));
  return Map.groupBy(all, ({ file }) => file);
}
