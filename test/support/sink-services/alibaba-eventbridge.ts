import { startAlibabaEventbridge } from '../vendors/alibaba-eventbridge.ts';
import type { SinkService } from './service.ts';

export async function start(): Promise<SinkService> {
  const key = { accessKeyId: 'id-of-the-test', accessKeySecret: 'secret-of-the-test' };
  const fake = await startAlibabaEventbridge({ ...key, eventBus: 'default' });
  return {
    document: { accountId: '1234567890', region: 'cn-hangzhou', clusterId: 'c1', endpoint: fake.url },
    secrets: key,
    ids: async () => fake.events.map(({ id }) => id),
    requests: () => fake.requests.length,
    stop: () => fake.stop(),
  };
}
