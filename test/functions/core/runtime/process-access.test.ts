import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { createProcessAccess } from '../../../../functions/core/runtime/process-access.ts';

const folder = mkdtempSync(join(tmpdir(), 'kube-courier-access-'));

afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(folder, { recursive: true }));

test('takes region and keys of the environment, as they are now', async () => {
  const env: Record<string, string> = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'b' };
  const { region, credentials } = createProcessAccess(env);

  expect(await region()).toBe('eu-west-1');
  expect(await credentials()).toEqual({ accessKeyId: 'A', secretAccessKey: 'b' });
  env['AWS_SESSION_TOKEN'] = 'c';
  expect(await credentials()).toEqual({ accessKeyId: 'A', secretAccessKey: 'b', sessionToken: 'c' });
});

test('else those of a profile, as the SDK finds them', async () => {
  const config = join(folder, 'config');
  writeFileSync(
    config,
    '[profile other]\nregion = eu-north-1\naws_access_key_id = PROFILE\naws_secret_access_key = secret\n',
  );
  vi.stubEnv('AWS_CONFIG_FILE', config);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'none'));
  vi.stubEnv('AWS_PROFILE', 'other');
  for (const name of ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, undefined);
  const { region, credentials } = createProcessAccess();

  expect(await region()).toBe('eu-north-1');
  expect(await credentials()).toMatchObject({ accessKeyId: 'PROFILE', secretAccessKey: 'secret' });
});
