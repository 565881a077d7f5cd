import { startDingTalk } from '../vendors/dingtalk.ts';
import type { SinkService } from './service.ts';

export async function start(now?: () => number): Promise<SinkService> {
  const fake = await startDingTalk({ accessToken: 'token-of-the-test', signSecret: 'SECtest', ...(now && { now }) });
  return {
    document: { endpoint: fake.url },
    secrets: { accessToken: 'token-of-the-test', signSecret: 'SECtest' },
    requests: () => fake.replies.length,
    stop: () => fake.stop(),
  };
}
