import { startPagerDuty } from '../vendors/pagerduty.ts';
import type { SinkService } from './service.ts';

export async function start(now?: () => number): Promise<SinkService> {
  const routingKey = 'R0000000000000000000000000000000';
  const fake = await startPagerDuty({ routingKey, ...(now && { now }) });
  return {
    // The events of the tests are no emergencies, and each of their repeats would be a request.
    document: { endpoint: fake.url, filter: {}, repeats: 'milestones' },
    secrets: { routingKey },
    requests: () => fake.replies.length,
    stop: () => fake.stop(),
  };
}
