import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from './discover.ts';

/** What this module reads and adds of an entry in package-lock.json. */
interface Entry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Lockfile {
  readonly packages: Readonly<Record<string, Entry>>;
}

const PLATFORM = /[/-](android|darwin|freebsd|linux|openharmony|win32)-(arm64|arm|x64|ia32|ppc64|riscv64|s390x)(?:-|$)/;

/**
 * The entries that a lockfile lacks for the optional binaries of other platforms.
 *
 * `npm ci` refuses a lockfile that does not name them all, and `npm install` leaves out those that its registry does not
 * serve. An entry without an address suffices: where the platform differs, npm never looks for the package.
 */
export function missingEntries({ packages }: Lockfile): Readonly<Record<string, Entry>> {
  const missing: Record<string, Entry> = {};
  for (const [path, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const [, os, cpu] = PLATFORM.exec(name) ?? [];
      if (os === undefined || cpu === undefined || isFound(packages, path, name)) continue;
      const libc = /-musl/.test(name) ? 'musl' : 'glibc';
      missing[`node_modules/${name}`] = {
        version,
        cpu: [cpu],
        ...(entry.dev && { dev: true }),
        ...(os === 'linux' && { libc: [libc] }),
        optional: true,
        os: [os],
      };
    }
  }
  return missing;
}

/** Looks where Node would: beside the dependent's own dependencies, then in each folder above. */
function isFound(packages: Lockfile['packages'], dependent: string, name: string): boolean {
  const above = dependent
    .split('/node_modules/')
    .map((_, depth, parts) => parts.slice(0, depth + 1).join('/node_modules/'));
  return ['', ...above].some((folder) => Object.hasOwn(packages, `${folder}/node_modules/${name}`.replace(/^\//, '')));
}

/** The lockfile with the missing entries in their places, as npm writes it. */
export function completeLockfile(text: string): string {
  const lockfile: Lockfile = JSON.parse(text);
  const packages = Object.entries({ ...lockfile.packages, ...missingEntries(lockfile) });
  const sorted = Object.fromEntries(packages.toSorted(([a], [b]) => a.localeCompare(b, 'en')));
  return `${JSON.stringify({ ...lockfile, packages: sorted }, null, 2)}\n`;
}

if (import.meta.main) {
  const file = join(projectFolder, 'package-lock.json');
  writeFileSync(file, completeLockfile(readFileSync(file, 'utf8')));
}
