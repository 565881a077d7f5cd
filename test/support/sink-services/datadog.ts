import { startDatadogFront } from '../services/datadog-front.ts';
import { startVictorialogs } from '../services/victorialogs.ts';
import type { SinkService } from './service.ts';

/** VictoriaLogs, which takes logs as Datadog does. */
export async function start(): Promise<SinkService> {
  const server = await startVictorialogs();
  const front = await startDatadogFront(server.url);
  return {
    document: { endpoint: front.url },
    secrets: { apiKey: 'key-of-the-test-0001' },
    ids: async () => (await server.rows()).map((row) => row['event_id'] ?? ''),
    async stop() {
      await front.stop();
      await server.stop();
    },
  };
}
