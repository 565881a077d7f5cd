import { recordOf } from '../../../functions/core/contract/untrusted.ts';
import { startSplunk } from '../vendors/splunk.ts';
import type { SinkService } from './service.ts';

export async function start(): Promise<SinkService> {
  const token = 'b80594d5-6bb0-4dd1-8f2b-0000000test1';
  const fake = await startSplunk({ token, indexes: ['kubernetes'] });
  return {
    document: { endpoint: fake.url, index: 'kubernetes' },
    secrets: { token },
    ids: async () => fake.entries.map((entry) => String(recordOf(entry['fields'])['event_id'])),
    requests: fake.requests,
    stop: () => fake.stop(),
  };
}
