import { startFeishu } from '../vendors/feishu.ts';
import type { SinkService } from './service.ts';

export async function start(now?: () => number): Promise<SinkService> {
  const fake = await startFeishu({ signSecret: 'secret-of-the-test', ...(now && { now }) });
  return {
    document: {},
    secrets: { webhookUrl: fake.webhookUrl, signSecret: 'secret-of-the-test' },
    requests: () => fake.replies.length,
    stop: () => fake.stop(),
  };
}
