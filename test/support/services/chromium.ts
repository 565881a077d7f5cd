import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { chromium as driver, type Browser } from 'playwright-core';

import { installOnce, type Service } from './cache.ts';
import { serviceFolder } from './child.ts';
import { unpackDebianPackages, unpackedEnvironment } from './debian.ts';

/** Chromium as Debian packages it, with fonts for Latin, Chinese and emoji, so that a screenshot is the same on every machine. */
export const chromium: Service = {
  name: 'chromium',
  version: 'debian',
  buildTools: ['apt-get', 'dpkg'],
  runTools: [],
  install: (folder) =>
    unpackDebianPackages(folder, ['chromium', 'fonts-dejavu-core', 'fonts-wqy-zenhei', 'fonts-noto-color-emoji']),
};

/** A browser without a window. */
export interface ChromiumService {
  readonly browser: Browser;
  /** Ends its processes and removes what it has kept. */
  readonly stop: () => Promise<void>;
}

export async function startChromium(): Promise<ChromiumService> {
  const unpacked = await installOnce(chromium);
  const folder = await serviceFolder('chromium');
  const fonts = join(folder, 'fonts.conf');
  await mkdir(join(folder, 'home'));
  await writeFile(
    fonts,
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(unpacked, 'usr', 'share', 'fonts')}</dir>
  <cachedir>${join(folder, 'fonts')}</cachedir>
  <alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>
`,
  );
  const { LD_LIBRARY_PATH: found = '' } = await unpackedEnvironment(unpacked);
  // Pulseaudio's libraries need one that is in a folder of its own.
  const libraries = found
    .split(':')
    .flatMap((path) => [path, join(path, 'pulseaudio')])
    .join(':');
  const browser = await driver.launch({
    executablePath: join(unpacked, 'usr', 'lib', 'chromium', 'chromium'),
    // As root there is no sandbox, and the pages are our own.
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    env: { LD_LIBRARY_PATH: libraries, FONTCONFIG_FILE: fonts, HOME: join(folder, 'home') },
  });
  return {
    browser,
    async stop() {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
