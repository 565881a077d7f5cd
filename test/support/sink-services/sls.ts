import { startSls } from '../vendors/sls.ts';
import type { SinkService } from './service.ts';

export async function start(): Promise<SinkService> {
  const key = { accessKeyId: 'id-of-the-test', accessKeySecret: 'secret-of-the-test' };
  const fake = await startSls({ ...key, region: 'cn-hangzhou', logstore: 'events' });
  return {
    document: { project: 'test', logstore: 'events', region: 'cn-hangzhou', endpoint: fake.url },
    secrets: key,
    ids: async () => fake.logs.map(({ contents }) => contents['id'] ?? ''),
    requests: () => fake.groups.length,
    stop: () => fake.stop(),
  };
}
