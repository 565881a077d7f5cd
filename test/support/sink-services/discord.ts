import { startDiscord } from '../vendors/discord.ts';
import type { SinkService } from './service.ts';

export async function start(now?: () => number): Promise<SinkService> {
  const fake = await startDiscord({ token: 'Token-of-the-test-1', ...(now && { now }) });
  return {
    document: {},
    secrets: { webhookUrl: fake.webhookUrl },
    requests: fake.requests,
    stop: () => fake.stop(),
  };
}
