import { startVictorialogs } from '../services/victorialogs.ts';
import type { SinkService } from './service.ts';

/** VictoriaLogs, which takes what an HTTP Event Collector takes, with any token and into one place. */
export async function start(): Promise<SinkService> {
  const server = await startVictorialogs();
  return {
    document: { endpoint: `${server.url}/insert/splunk`, index: 'kubernetes' },
    secrets: { token: 'b80594d5-6bb0-4dd1-8f2b-0000000test1' },
    ids: async () => (await server.rows()).map((row) => row['fields.event_id'] ?? ''),
    stop: () => server.stop(),
  };
}
