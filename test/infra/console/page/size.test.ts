import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';
import { expect, it } from 'vitest';

const page = join(import.meta.dirname, '../../../../infra/console/page');
const MAX_BYTES = 60 * 1024;

it('the page is small, and asks for nothing of another origin', () => {
  const { outputFiles } = buildSync({
    absWorkingDir: page,
    entryPoints: ['main.tsx', 'style.css'],
    outdir: page,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    write: false,
  });

  expect(outputFiles.map(({ path }) => path.slice(page.length + 1)).toSorted()).toEqual(['main.js', 'style.css']);
  expect(outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents).length, 0)).toBeLessThan(MAX_BYTES);
  const style = outputFiles.find(({ path }) => path.endsWith('.css'))?.text ?? '';
  expect(style).not.toMatch(/url\(|@import/);
});

it('nothing that somebody else wrote becomes markup', () => {
  const sources = globSync('**/*.{ts,tsx}', { cwd: page }).map((file) => [
    file,
    readFileSync(join(page, file), 'utf8'),
  ]);

  expect(sources.length).toBeGreaterThan(50);
  expect(
    sources.flatMap(([file, text]) =>
      /dangerouslySetInnerHTML|innerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/.test(text ?? '')
        ? [file]
        : [],
    ),
  ).toEqual([]);
});
