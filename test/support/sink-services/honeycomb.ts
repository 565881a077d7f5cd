import { startHoneycomb } from '../vendors/honeycomb.ts';
import type { SinkService } from './service.ts';

export async function start(): Promise<SinkService> {
  const fake = await startHoneycomb({ apiKey: 'key-of-the-test' });
  return {
    document: { dataset: 'events', endpoint: fake.url },
    secrets: { apiKey: 'key-of-the-test' },
    ids: async () => fake.events.map(({ data }) => String(data['event.id'])),
    requests: () => fake.batches.length,
    stop: () => fake.stop(),
  };
}
