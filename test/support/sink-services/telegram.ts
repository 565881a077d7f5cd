import { startTelegram } from '../vendors/telegram.ts';
import type { SinkService } from './service.ts';

export async function start(now?: () => number): Promise<SinkService> {
  const bot = { token: '123456789:token-of-the-test', chatId: '-1001234567890' };
  const fake = await startTelegram({ ...bot, ...(now && { now }) });
  return {
    document: { chatId: bot.chatId, endpoint: fake.url },
    secrets: { botToken: bot.token },
    requests: fake.requests,
    stop: () => fake.stop(),
  };
}
