import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { buildPage, loadPage } from '../../../infra/console/assets.ts';
import { startConsole } from '../../../infra/console/server/server.ts';
import { folderOf, remove } from '../ops/run.ts';
import { memorySource } from '../../support/console/memory-source.ts';

const MOST_BYTES = 60_000;

describe("the console's page", () => {
  it('is small, and asks for nothing from elsewhere', async () => {
    const { script, style } = await buildPage();

    expect(script.length).toBeGreaterThan(1000);
    expect(gzipSync(script).length + gzipSync(style).length).toBeLessThan(MOST_BYTES);
    expect(style).not.toMatch(/@import|url\((?!["']?data:)/);
  });

  it('is taken as a package brings it, and else built', async () => {
    const folder = await folderOf({ 'main.js': 'export {};', 'style.css': 'body{}' });
    const [brought, built] = [await loadPage(folder), await loadPage(join(folder, 'missing'))];
    await remove(folder);

    expect(brought).toEqual({ script: 'export {};', style: 'body{}' });
    expect(built).toEqual(await buildPage());
  });

  it('is served as it was built, compressed for who takes that', async () => {
    const { script } = await buildPage();
    const served = await startConsole(memorySource(), { port: 0, readOnly: false, version: '1' });
    const [plain, packed] = await Promise.all([
      get(served.address),
      get(served.address, { 'accept-encoding': 'br, gzip' }),
    ]);
    await served.stop();

    expect(plain.toString()).toBe(script);
    expect(gunzipSync(packed).toString()).toBe(script);
  });
});

function get(address: string, headers = {}): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    request(new URL('/main.js', address), { headers, agent: false }, (response) => {
      response.toArray().then((chunks) => resolve(Buffer.concat(chunks)), reject);
    })
      .on('error', reject)
      .end();
  });
}
