import { startAlertmanager } from '../services/alertmanager.ts';
import type { SinkService } from './service.ts';

export async function start(): Promise<SinkService> {
  const server = await startAlertmanager();
  return {
    // The events of the tests are no emergencies, and not all of their repeats matter.
    document: { endpoint: server.url, filter: {}, repeats: 'milestones' },
    stop: () => server.stop(),
  };
}
