/**
 * `npm test`: the checks with the unit tests, then the build, then the integration tests against real backends.
 * Checks that fail do not keep the integration tests from running. What they leave in the checkout, or running, fails as well.
 * The last line counts the tests of both.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { changesInCheckout, processesLeft } from './support/leftovers.ts';

/** What this needs of the report that `vitest --reporter=json` writes. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

const reports = mkdtempSync(join(tmpdir(), 'kube-courier-test-'));
process.on('exit', () => rmSync(reports, { recursive: true, force: true }));
const RUN_VARIABLE = 'KUBE_COURIER_RUN';
/** In the environment of everything that is started here, directly or not. */
const run = randomUUID();
const before = changesInCheckout();
const totals = { passed: 0, failed: 0 };
const skipped: string[] = [];
let running: ChildProcess | undefined;
let stopped = false;
// A terminal sends SIGINT to the children too; SIGTERM comes to this process alone.
process.on('SIGINT', () => (stopped = true));
process.on('SIGTERM', () => {
  stopped = true;
  running?.kill('SIGTERM');
});

await tests('unit', 'npm', ['run', '--silent', 'check', '--']);
await step(process.execPath, ['test/support/services/install.ts']);
if (await step('npm', ['run', '--silent', 'build'])) {
  await tests('integration', process.execPath, [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project',
    'integration',
    // They wait for services more than they compute.
    '--maxWorkers=3',
  ]);
}

const added = [...changesInCheckout()].filter((line) => !before.has(line));
if (added.length > 0) fail(`the checkout changed while the tests ran:\n${added.join('\n')}`);
const left = await processesLeft(RUN_VARIABLE, run);
if (left.length > 0) fail(`still running after the tests:\n${left.join('\n')}`);
for (const name of skipped) process.stdout.write(`skipped: ${name}\n`);
process.stdout.write(`${totals.passed} passed, ${totals.failed} failed, ${skipped.length} skipped\n`);
process.exitCode = totals.failed > 0 ? 1 : 0;

/** Runs a command that ends in a call of vitest, and adds its tests to the totals. */
async function tests(name: string, command: string, args: readonly string[]): Promise<void> {
  const file = join(reports, `${name}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const succeeded = await succeeds(command, [...args, ...reporters]);
  const report: Report | undefined = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  totals.passed += report?.numPassedTests ?? 0;
  // A check, a file that cannot be loaded or an unhandled rejection fails without a test that does.
  totals.failed += report?.numFailedTests || (succeeded && report ? 0 : 1);
  const results = report?.testResults.flatMap(({ assertionResults }) => assertionResults) ?? [];
  skipped.push(...results.filter(({ status }) => !['passed', 'failed'].includes(status)).map((test) => test.fullName));
}

/** Runs a command that counts as one failure if it fails, and as nothing if not. */
async function step(command: string, args: readonly string[]): Promise<boolean> {
  const succeeded = await succeeds(command, args);
  if (!succeeded) totals.failed += 1;
  return succeeded;
}

function fail(reason: string): void {
  process.stdout.write(`${reason}\n`);
  totals.failed += 1;
}

async function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  if (stopped) return false;
  running = spawn(command, args, { stdio: 'inherit', env: { ...process.env, [RUN_VARIABLE]: run } });
  return once(running, 'exit').then(
    ([code]) => code === 0,
    () => false,
  );
}
