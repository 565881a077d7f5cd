import { startOpsgenie } from '../vendors/opsgenie.ts';
import type { SinkService } from './service.ts';

export async function start(now?: () => number): Promise<SinkService> {
  const apiKey = 'key-of-the-test';
  const fake = await startOpsgenie({ apiKey, ...(now && { now }) });
  return {
    // The events of the tests are no emergencies, and each of their repeats would be a request.
    document: { endpoint: fake.url, filter: {}, repeats: 'milestones' },
    secrets: { apiKey },
    requests: () => fake.replies.length,
    stop: () => fake.stop(),
  };
}
