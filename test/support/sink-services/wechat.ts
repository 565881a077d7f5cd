import { startWeCom } from '../vendors/wecom.ts';
import type { SinkService } from './service.ts';

export async function start(now?: () => number): Promise<SinkService> {
  const fake = await startWeCom({ robotKey: 'key-of-the-robot', ...(now && { now }) });
  return {
    document: { mode: 'robot', endpoint: fake.url },
    secrets: { robotKey: 'key-of-the-robot' },
    requests: () => fake.messages.length,
    stop: () => fake.stop(),
  };
}
