import { startVictorialogs } from '../services/victorialogs.ts';
import type { SinkService } from './service.ts';

export async function start(): Promise<SinkService> {
  const server = await startVictorialogs();
  return {
    document: { endpoint: `${server.url}/insert?disable_message_parsing=1` },
    ids: async () => (await server.rows()).map((row) => row['event_id'] ?? ''),
    stop: () => server.stop(),
  };
}
