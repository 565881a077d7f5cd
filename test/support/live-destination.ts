import type { SinkCase } from '../../functions/core/contract/case.ts';
import { createClients } from '../../functions/core/runtime/clients.ts';
import { deliverGroup } from '../../functions/core/runtime/deliver.ts';
import type { ClusterEvent } from '../../functions/core/contract/event.ts';
import { createHttp } from '../../functions/core/kit/http.ts';
import type { Fate } from '../../functions/core/contract/outcome.ts';
import { destinationOf, loadSink } from './sink-under-test.ts';

/** A sink with one destination, delivering to whatever its options name, through the same steps as in a function. */
export interface LiveDestination {
  deliver(events: readonly ClusterEvent[], options?: DeliveryOptions): Promise<readonly Fate[]>;
  close(): Promise<void>;
}

export interface DeliveryOptions {
  readonly now?: Date;
  readonly timeoutMs?: number;
}

/** Opens a destination of a sink; its client is kept over deliveries. */
export async function openDestination(
  type: string,
  documents: Pick<SinkCase, 'options' | 'secrets'>,
): Promise<LiveDestination> {
  const { sink } = await loadSink(type);
  const destination = destinationOf(sink, documents);
  const clients = createClients(sink, () => {});
  return {
    async deliver(events, { now, timeoutMs = 30_000 } = {}) {
      const signal = AbortSignal.timeout(timeoutMs);
      const outcomes = await deliverGroup(destination, events, {
        sink,
        clients,
        contextOf: ({ options, secrets }) => ({
          options,
          secrets,
          signal,
          now: () => now ?? new Date(),
          http: createHttp(signal),
          log: () => {},
          aws: {
            region: async () => 'eu-central-1',
            credentials: async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'aws-secret-key-of-the-suite' }),
          },
        }),
        reload: async () => destination,
        onSend: () => {},
      });
      return events.map((event) => outcomes.get(event) ?? { status: 'retry', code: 'missing', detail: '' });
    },
    close: () => clients.drop(destination),
  };
}
