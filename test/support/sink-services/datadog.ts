import { startDatadog } from '../vendors/datadog.ts';
import type { SinkService } from './service.ts';

export async function start(): Promise<SinkService> {
  const apiKey = 'key-of-the-test-0001';
  const fake = await startDatadog({ apiKey });
  return {
    document: { endpoint: fake.url },
    secrets: { apiKey },
    ids: async () => fake.logs.map((log) => String(log['event_id'])),
    requests: fake.requests,
    stop: () => fake.stop(),
  };
}
