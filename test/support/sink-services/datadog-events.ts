import { startDatadog } from '../vendors/datadog.ts';
import type { SinkService } from './service.ts';

export async function start(): Promise<SinkService> {
  const apiKey = 'key-of-the-test-0001';
  const fake = await startDatadog({ apiKey });
  return {
    document: { endpoint: fake.url },
    secrets: { apiKey },
    requests: () => fake.requests(),
    ids: async () => fake.events.map(({ text }) => String(text).split('\n').at(-1) ?? ''),
    stop: () => fake.stop(),
  };
}
