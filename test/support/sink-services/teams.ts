import { startTeams } from '../vendors/teams.ts';
import type { SinkService } from './service.ts';

export async function start(now?: () => number): Promise<SinkService> {
  const fake = await startTeams({ shape: 'message', mentionable: [], ...(now && { now }) });
  return {
    document: {},
    secrets: { webhookUrl: fake.webhookUrl },
    requests: () => fake.requests(),
    stop: () => fake.stop(),
  };
}
