import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'kube-courier-test-'));

/** Gives a run a folder of its own for temporary files. */
export function setup(): void {
  process.env['TMPDIR'] = folder;
}

/** Removes it with what tests and the programs they start leave in it: the CDK a folder for each app, a failed edit its text. */
export function teardown(): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
