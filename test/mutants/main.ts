/**
 * `npm run mutants`: how many small faults the unit tests notice. Faults are drawn at random from the last commit, put one by one
 * into a copy of it, and what the compiler or a test refuses is noticed. What survives is a test that is missing, or code that is
 * not needed.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '../../infra/seeded-random.ts';
import { faultsOf, withFault, type Fault } from './faults.ts';

const USAGE = `npm run mutants -- [options]
  --count N      mutants that compile to be tested (100)
  --seed N       draws the same mutants again; printed at the beginning
  --minutes N    limit for one mutant, past which it counts as noticed, as what hangs (10)
  --only PLACE   a folder, a file, or a file and a line: relay/queue, relay/wait.ts, relay/wait.ts:12
`;

/** What is mutated, and the tests that are to notice: those beside it first, then all that can load it. */
const AREAS: readonly { readonly sources: string; readonly tests: readonly string[] }[] = [
  { sources: 'relay/**/*.ts', tests: ['test/relay', 'test/localstack'] },
  { sources: 'functions/core/**/*.ts', tests: ['test/functions', 'test/relay', 'test/infra', 'test/localstack'] },
  { sources: 'functions/fanout/**/*.ts', tests: ['test/functions', 'test/localstack'] },
  { sources: 'infra/ops/dlq/**/*.ts', tests: ['test/infra/ops'] },
];

interface Mutant {
  /** Such as `relay/wait.ts:12 condition`. */
  readonly name: string;
  readonly file: string;
  readonly text: string;
  readonly fault: Fault;
  readonly tests: readonly string[];
}

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    minutes: { type: 'string', default: '10' },
    only: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
});
const project = join(import.meta.dirname, '..', '..');
let running: ReturnType<typeof spawn> | undefined;

if (values.help) process.stdout.write(USAGE);
else await main(Number(values.count), Number(values.seed), Number(values.minutes) * 60_000, values.only);

async function main(count: number, seed: number, limitMs: number, only: string): Promise<void> {
  const copy = copyOfLastCommit();
  const drawn = shuffled(mutantsOf(copy), seed).filter(({ name }) => isIn(name, only));
  say(`seed ${seed}: ${count} of ${drawn.length} possible faults`);
  const tests = [...new Set(drawn.flatMap((mutant) => mutant.tests))];
  if ((await outcomeOf(copy, [tests], 3_600_000)) !== 'survived') throw new Error('the tests fail without any fault');

  const survivors: string[] = [];
  const counts = { tested: 0, noticed: 0, hung: 0, 'not compiled': 0, survived: 0 };
  for (const mutant of drawn) {
    if (counts.tested === count) break;
    const outcome = await tryOut(copy, mutant, limitMs);
    counts[outcome] += 1;
    if (outcome === 'not compiled') continue;
    counts.tested += 1;
    const line = `${outcome}: ${mutant.name}\n${difference(mutant)}`;
    say(`${counts.tested}. ${line}`);
    if (outcome === 'survived') survivors.push(line);
  }
  say(`\n${survivors.join('\n')}\n`);
  say(
    `${counts.noticed + counts.hung} of ${counts.tested} noticed, ${counts.hung} of them by the time limit; ` +
      `${counts['not compiled']} more did not compile; seed ${seed}`,
  );
}

/** A folder with the files of the last commit, so that what is being edited disturbs no run and no run what is being edited. */
function copyOfLastCommit(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kube-courier-mutants-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      endTests();
      process.exit(1);
    });
  }
  const { status } = spawnSync('sh', ['-c', 'git archive HEAD | tar -x -C "$0"', folder], {
    cwd: project,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('git archive failed');
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

function mutantsOf(copy: string): readonly Mutant[] {
  return AREAS.flatMap(({ sources, tests }) =>
    globSync(sources, { cwd: copy })
      .toSorted()
      .flatMap((file) => {
        const text = readFileSync(join(copy, file), 'utf8');
        return faultsOf(text).map((fault) => {
          const line = text.slice(0, fault.start).split('\n').length;
          return { name: `${file}:${line} ${fault.kind}`, file, text, fault, tests };
        });
      }),
  );
}

function shuffled<Item>(items: readonly Item[], seed: number): readonly Item[] {
  const random = seededRandom(seed);
  return items
    .map((item) => ({ item, order: random() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ item }) => item);
}

function isIn(name: string, place: string): boolean {
  return name.startsWith(place) && /^$|^[/: ]/.test(place === '' ? '' : name.slice(place.length));
}

type Outcome = 'noticed' | 'hung' | 'survived' | 'not compiled';

async function tryOut(copy: string, { file, text, fault, tests }: Mutant, limitMs: number): Promise<Outcome> {
  const path = join(copy, file);
  writeFileSync(path, withFault(text, fault));
  try {
    const { status } = spawnSync('node_modules/.bin/tsc', [], { cwd: copy });
    if (status !== 0) return 'not compiled';
    // Most faults are noticed beside where they are.
    return await outcomeOf(copy, [[join('test', file, '..', '/')], tests], limitMs);
  } finally {
    writeFileSync(path, text);
  }
}

/** Runs tests, stage after stage, until one fails. */
async function outcomeOf(copy: string, stages: readonly (readonly string[])[], limitMs: number): Promise<Outcome> {
  const deadline = Date.now() + limitMs;
  for (const tests of stages) {
    const args = ['run', '--project', 'unit', '--bail', '1', '--passWithNoTests', '--reporter', 'dot', ...tests];
    // A group of its own, so that what the tests start ends with them.
    running = spawn('node_modules/.bin/vitest', args, { cwd: copy, stdio: 'ignore', detached: true });
    const limit = setTimeout(endTests, deadline - Date.now());
    const [code] = await once(running, 'exit');
    clearTimeout(limit);
    endTests();
    if (Date.now() >= deadline) return 'hung';
    if (code !== 0) return 'noticed';
  }
  return 'survived';
}

function endTests(): void {
  try {
    if (running?.pid !== undefined) process.kill(-running.pid, 'SIGKILL');
  } catch {
    // They have ended.
  }
}

/** The lines of the fault, before and after. */
function difference({ text, fault }: Mutant): string {
  const from = text.lastIndexOf('\n', fault.start) + 1;
  const to = text.indexOf('\n', fault.end);
  const after = text.slice(from, fault.start) + fault.replacement + text.slice(fault.end, to);
  const lines = (mark: string, piece: string): string => piece.replaceAll(/^/gm, mark);
  return `${lines('  - ', text.slice(from, to))}\n${lines('  + ', after)}`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
