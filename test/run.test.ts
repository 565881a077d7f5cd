import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';

const script = join(import.meta.dirname, 'run.ts');
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** What a stand-in for vitest reports and how it exits; it reports nothing when there are no statuses. */
interface Outcome {
  /** Says so on standard output, and then runs until it is stopped. */
  readonly hangs?: boolean;
  /** A file it writes into the project. */
  readonly leaves?: string;
  /** Starts a process that outlives it. */
  readonly startsProcess?: boolean;
  readonly statuses?: readonly string[];
  readonly exitCode?: number;
}

interface Outcomes {
  readonly unit: Outcome;
  readonly integration: Outcome;
  readonly build?: number;
}

function npmTest(outcomes: Outcomes) {
  const { stdout, status } = spawnSync(process.execPath, [script], { cwd: project(outcomes), encoding: 'utf8' });
  return { lines: stdout.trimEnd().split('\n'), status };
}

/** A project whose checks, build and tests are stand-ins. */
function project({ unit, integration, build = 0 }: Outcomes): string {
  const folder = mkdtempSync(join(tmpdir(), 'kube-courier-run-'));
  folders.push(folder);
  const files = {
    'package.json': JSON.stringify({
      scripts: { check: `node check.mjs`, build: `node -e "process.exit(${build})"` },
    }),
    'check.mjs': standIn(unit),
    'node_modules/vitest/vitest.mjs': standIn(integration),
    'test/support/services/install.ts': '',
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

function standIn({ statuses, exitCode = 0, hangs = false, leaves = '', startsProcess = false }: Outcome): string {
  const report = {
    numPassedTests: statuses?.filter((status) => status === 'passed').length,
    numFailedTests: statuses?.filter((status) => status === 'failed').length,
    testResults: [{ assertionResults: statuses?.map((status, i) => ({ fullName: `test ${i}`, status })) }],
  };
  return `
    import { spawn } from 'node:child_process';
    import { writeFileSync } from 'node:fs';
    const file = process.argv.find((arg) => arg.startsWith('--outputFile.json=')).split('=')[1];
    if (${statuses !== undefined}) writeFileSync(file, ${JSON.stringify(JSON.stringify(report))});
    process.exitCode = ${exitCode};
    if (${leaves !== ''}) writeFileSync(${JSON.stringify(leaves)}, '');
    if (${startsProcess}) spawn('sleep', ['61.5'], { detached: true, stdio: 'ignore' }).unref();
    if (${hangs}) setInterval(() => {}, 1000), console.log('hanging', process.pid);
  `;
}

test('ends with the count of all tests, after the names of those that were skipped', () => {
  const { lines, status } = npmTest({
    unit: { statuses: ['passed', 'passed'] },
    integration: { statuses: ['passed', 'pending'] },
  });

  expect(lines.slice(-2)).toEqual(['skipped: test 1', '3 passed, 0 failed, 1 skipped']);
  expect(status).toBe(0);
});

test('fails when a test fails, having run the others', () => {
  const { lines, status } = npmTest({
    unit: { statuses: ['failed'], exitCode: 1 },
    integration: { statuses: ['passed'] },
  });

  expect(lines.at(-1)).toBe('1 passed, 1 failed, 0 skipped');
  expect(status).toBe(1);
});

test('fails when something other than a test fails', () => {
  const checks = npmTest({ unit: { exitCode: 2 }, integration: { statuses: ['passed'] } });
  const rejection = npmTest({ unit: { statuses: ['passed'] }, integration: { statuses: ['passed'], exitCode: 1 } });
  const build = npmTest({ unit: { statuses: ['passed'] }, integration: { statuses: ['passed'] }, build: 1 });

  expect([checks.lines.at(-1), checks.status]).toEqual(['1 passed, 1 failed, 0 skipped', 1]);
  expect([rejection.lines.at(-1), rejection.status]).toEqual(['2 passed, 1 failed, 0 skipped', 1]);
  expect([build.lines.at(-1), build.status]).toEqual(['1 passed, 1 failed, 0 skipped', 1]);
});

test('fails when something new is left in the checkout, and names it', () => {
  const cwd = project({ unit: { statuses: ['passed'], leaves: 'left.txt' }, integration: { statuses: ['passed'] } });
  writeFileSync(join(cwd, 'there-before.txt'), '');
  spawnSync('git', ['init', '--quiet'], { cwd });

  const { stdout, status } = spawnSync(process.execPath, [script], { cwd, encoding: 'utf8' });

  const lines = stdout.trimEnd().split('\n');
  expect(lines.slice(-3)).toEqual([
    'the checkout changed while the tests ran:',
    '?? left.txt',
    '2 passed, 1 failed, 0 skipped',
  ]);
  expect(status).toBe(1);
});

test.runIf(process.platform === 'linux')('fails when a process is left, and names it', () => {
  const { lines, status } = npmTest({
    unit: { statuses: ['passed'], startsProcess: true },
    integration: { statuses: ['passed'] },
  });

  expect(lines.slice(-3)).toEqual([
    'still running after the tests:',
    expect.stringMatching(/^\d+ sleep 61\.5$/),
    '2 passed, 1 failed, 0 skipped',
  ]);
  expect(status).toBe(1);
  process.kill(Number(lines.at(-2)?.split(' ')[0]));
});

test('ends what it runs, and begins nothing more, when it is told to end', async () => {
  const cwd = project({ unit: { statuses: ['passed'] }, integration: { hangs: true } });
  const child = spawn(process.execPath, [script], { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  let output = '';
  let isTold = false;
  for await (const chunk of child.stdout) {
    output += String(chunk);
    // Once: a second signal may meet a process that is ending, and no longer listens.
    if (!isTold && /hanging \d+/.test(output)) isTold = child.kill('SIGTERM');
  }

  expect(await exited).toEqual([1, null]);
  expect(output.trimEnd().split('\n').at(-1)).toBe('1 passed, 1 failed, 0 skipped');
  expect(() => process.kill(Number(/hanging (\d+)/.exec(output)?.[1]), 0)).toThrow('ESRCH');
});
