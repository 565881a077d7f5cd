import { startPubsub } from '../vendors/pubsub.ts';
import type { SinkService } from './service.ts';

export async function start(): Promise<SinkService> {
  const place = { project: 'example-project', topic: 'events' };
  const fake = await startPubsub(place);
  return {
    document: { ...place, endpoint: fake.url },
    ids: async () => fake.messages.map(({ attributes }) => String(attributes['event-id'])),
    requests: fake.requests,
    stop: () => fake.stop(),
  };
}
