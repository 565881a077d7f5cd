import { startHttpServer } from '../http-server.ts';
import type { SinkService } from './service.ts';

export async function start(): Promise<SinkService> {
  const server = await startHttpServer(() => ({ status: 204 }));
  return {
    document: { url: `${server.url}/hook` },
    ids: async () => server.requests.map(({ headers }) => decodeURIComponent(headers['webhook-id'] ?? '')),
    requests: () => server.requests.length,
    stop: () => server.stop(),
  };
}
