import { textOf } from '../../../functions/core/contract/untrusted.ts';
import { startOtelCollector } from '../services/otel-collector.ts';
import type { SinkService } from './service.ts';

export async function start(): Promise<SinkService> {
  const server = await startOtelCollector();
  return {
    document: { endpoint: `${server.url}/v1/logs` },
    async ids() {
      const requests = await server.requests();
      const records = requests
        .flatMap(({ resourceLogs }) => resourceLogs)
        .flatMap(({ scopeLogs }) => scopeLogs)
        .flatMap(({ logRecords }) => logRecords);
      return records.map(({ attributes }) => {
        const id = attributes.find(({ key }) => key === 'event.id');
        return textOf(id?.value['stringValue']);
      });
    },
    stop: () => server.stop(),
  };
}
