import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { run } from './run.ts';

export interface GoProgram {
  /** The folder to build in and the name of the program that is left there, alone. */
  readonly folder: string;
  readonly output: string;
  /** `main.go`; without it `package` is built as it is. */
  readonly main?: string;
  readonly package?: string;
  /** The content of `go.mod`, or a function that works it out with Go's own help, and may put sources beside it. */
  readonly module: string | ((go: Go, source: string) => Promise<string>);
  /** Further arguments of `go build`. */
  readonly flags?: readonly string[];
  readonly ldflags?: string;
}

/** Runs one go command in the build's own environment and returns what it printed. */
export type Go = (...args: readonly string[]) => Promise<string>;

/**
 * Builds a Go program from public modules. It has module and build caches of its own, removed at the end: gigabytes
 * that nothing else would use.
 */
export async function buildGo(program: GoProgram): Promise<void> {
  const work = join(program.folder, 'work');
  const source = join(work, 'source');
  await mkdir(source, { recursive: true });
  const env = {
    CGO_ENABLED: '0',
    GOCACHE: join(work, 'build'),
    GOMODCACHE: join(work, 'modules'),
    GOFLAGS: '-mod=mod -modcacherw -buildvcs=false',
    GOGC: '400',
    GOTMPDIR: work,
    GOWORK: 'off',
  };
  const go: Go = (...args) => run('go', args, { cwd: source, env });

  const module = typeof program.module === 'string' ? program.module : await program.module(go, source);
  await writeFile(join(source, 'go.mod'), module);
  if (program.main !== undefined) await writeFile(join(source, 'main.go'), program.main);
  await go(
    'build',
    '-trimpath',
    ...(program.flags ?? []),
    '-ldflags',
    `-s -w ${program.ldflags ?? ''}`,
    '-o',
    join(program.folder, program.output),
    program.package ?? '.',
  );
  await rm(work, { recursive: true, force: true });
}
