import { startVictorialogs } from '../services/victorialogs.ts';
import type { SinkService } from './service.ts';

export async function start(): Promise<SinkService> {
  const server = await startVictorialogs();
  return {
    document: { endpoint: `${server.url}/insert/opentelemetry/v1/logs` },
    ids: async () => (await server.rows()).map((row) => row['event.id'] ?? ''),
    stop: () => server.stop(),
  };
}
