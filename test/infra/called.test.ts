import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectFolder } from '../../infra/discover.ts';

/** Where it is said how commands are typed, and where the form of a clone is known to be replaced. */
const KNOWS = ['infra/called.ts', 'infra/ops/command.ts'];

/** A module less its comments and the examples of commands, which help shows as they are typed. */
function spoken(file: string): string {
  return readFileSync(join(projectFolder, file), 'utf8')
    .replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
    .replaceAll(/examples: \[[\s\S]*?\],?\n/g, '');
}

test('texts for people name commands by infra/called.ts, because the npm package has others', () => {
  const files = globSync('{infra/{console,ops,stack}/**/*.ts,localstack/{,embedded/,sample/}*.ts,infra/*.ts}', {
    cwd: projectFolder,
  });

  const literal = files
    .filter((file) => !KNOWS.includes(file))
    .flatMap((file) =>
      (spoken(file).match(/npm (run|start|ci)\b.*|npx cdk.*/g) ?? []).map((text) => `${file}: ${text}`),
    );

  expect(files.length).toBeGreaterThan(100);
  expect(literal).toEqual(["infra/docs.ts: npm run docs\\n');"]);
});
