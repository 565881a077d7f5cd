import { startSes } from '../vendors/ses.ts';
import type { SinkService } from './service.ts';

export async function start(now?: () => number): Promise<SinkService> {
  const region = 'eu-west-1';
  const fake = await startSes({ region, verified: ['example.com'], ...(now && { now }) });
  return {
    document: { from: 'kube-courier@example.com', to: ['on-call@example.com'], region, endpoint: fake.url },
    requests: fake.requests,
    stop: () => fake.stop(),
  };
}
