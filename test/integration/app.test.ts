import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { projectFolder } from '../../infra/discover.ts';

// Copying, bundling and synthesis take seconds where processors are shared.

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kube-courier-app-'));
  folders.push(folder);
  return folder;
}

/** A copy of the project's own files, with the dependencies of this one. */
function projectCopy(): string {
  const folder = temporaryFolder();
  for (const name of ['functions', 'infra', 'cdk.json', 'package.json', 'tsconfig.json']) {
    cpSync(join(projectFolder, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(projectFolder, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** Runs the app as the CDK's command line does: context and output folder come in variables. */
function runApp(project: string, context: Readonly<Record<string, unknown>>) {
  const output = temporaryFolder();
  const env = { ...process.env, CDK_CONTEXT_JSON: JSON.stringify(context), CDK_OUTDIR: output };
  const { status, stderr } = spawnSync(process.execPath, ['infra/app.ts'], { cwd: project, env, encoding: 'utf8' });
  return { status, stderr, output };
}

/** The file of each function in a synthesised stack, by the function's logical id. */
function codeFiles(output: string): ReadonlyMap<string, string> {
  const template: {
    readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: object }>>;
  } = JSON.parse(readFileSync(join(output, 'kube-courier.template.json'), 'utf8'));
  return new Map(
    Object.entries(template.Resources).flatMap(([id, { Type, Properties }]) => {
      if (Type !== 'AWS::Lambda::Function') return [];
      const { Code: code } = Object(Properties);
      return [[id, join(output, `asset.${basename(code.S3Key, '.zip')}`, 'index.mjs')] as const];
    }),
  );
}

test('a sink folder that is added appears in the stack, with a function of its own, and nothing else is edited', () => {
  const project = projectCopy();
  const [log, bell] = ['log', 'bell'].map((type) => join(project, 'functions', 'sinks', type));
  cpSync(String(log), String(bell), { recursive: true });
  const config = join(String(bell), 'config.ts');
  writeFileSync(config, readFileSync(config, 'utf8').replace("type: 'log'", "type: 'bell'"));

  const { status, stderr, output } = runApp(project, { sinks: ['bell', 'log'] });

  expect(stderr).not.toMatch(/error/i);
  expect(status).toBe(0);
  const files = codeFiles(output);
  expect([...files.keys()].map((id) => id.replace(/[0-9A-F]{8}$/, '')).toSorted()).toEqual([
    'RouterFunction',
    'sinkbellConsumerFunction',
    'sinklogConsumerFunction',
  ]);
  for (const file of files.values()) {
    // Loaded from where there are no packages: what it needs is in it.
    const script = `import(${JSON.stringify(file)}).then(({ handler }) => process.stdout.write(typeof handler))`;
    expect(execFileSync(process.execPath, ['-e', script], { cwd: output, encoding: 'utf8' })).toBe('function');
  }
  const sources = [...files.values()].map((file) => readFileSync(file, 'utf8'));
  expect(new Set(sources).size).toBe(3);
});

test('context that cannot be used is named in a sentence, without a stack trace', () => {
  const { status, stderr } = runApp(projectFolder, { sinks: ['logg'] });

  expect(status).toBe(1);
  expect(stderr).toContain('sinks names "logg": there is no such sink type (did you mean log?');
  expect(stderr).not.toContain('    at ');
});
