import { startGoogleChat } from '../vendors/googlechat.ts';
import type { SinkService } from './service.ts';

export async function start(now?: () => number): Promise<SinkService> {
  const fake = await startGoogleChat({ key: 'key-of-the-test', token: 'token-of-the-test', ...(now && { now }) });
  return {
    document: {},
    secrets: { webhookUrl: fake.webhookUrl },
    requests: fake.requests,
    stop: () => fake.stop(),
  };
}
