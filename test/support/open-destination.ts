import { createClients } from '../../functions/core/clients.ts';
import { deliverGroup } from '../../functions/core/deliver.ts';
import {
  createDestination,
  parseSecrets,
  parseSettings,
  problemText,
  type Parsed,
} from '../../functions/core/destination.ts';
import type { ClusterEvent } from '../../functions/core/event.ts';
import { createHttp } from '../../functions/core/http.ts';
import type { Outcome } from '../../functions/core/outcome.ts';
import type { Sink } from '../../functions/core/sink.ts';

/** A destination of a real service, its client kept from one delivery to the next as a function's environment keeps it. */
export interface OpenDestination {
  /** The outcomes in the order of the events, secrets redacted. Each call is one invocation. */
  readonly deliver: (events: readonly ClusterEvent[]) => Promise<readonly Outcome[]>;
  readonly close: () => Promise<void>;
}

/** Opens a destination by its documents. @throws {Error} naming the mistake in them. */
export function openDestination<Options, Secrets, Payload, Client>(
  sink: Sink<Options, Secrets, Payload, Client>,
  options: object,
  secrets: object = {},
): OpenDestination {
  const settings = valueOf(parseSettings(sink.config, JSON.stringify(options)));
  const parsed = valueOf(parseSecrets(sink.config, JSON.stringify(secrets), settings.plain));
  const destination = createDestination({ type: sink.config.type, name: 'test', version: '1' }, settings, parsed);
  const closing: Promise<unknown>[] = [];
  const close = async (client: Client): Promise<void> => {
    const closed = sink.close?.(client) ?? Promise.resolve();
    closing.push(closed.catch(() => {}));
    await closed;
  };
  const clients = createClients({ ...sink, close }, () => {});
  const now = (): Date => new Date();
  return {
    async deliver(events) {
      const signal = AbortSignal.timeout(50_000);
      const outcomes = await deliverGroup(destination, events, {
        sink,
        clients,
        contextOf: () => ({
          options: settings.options,
          secrets: parsed,
          signal,
          now,
          http: createHttp(signal),
          log: () => {},
          aws: {
            region: async () => 'eu-central-1',
            credentials: async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret-of-the-test' }),
          },
        }),
        reload: async () => destination,
        onSend: () => {},
      });
      return events.map((event) => {
        const outcome = outcomes.get(event);
        if (!outcome) throw new Error(`no outcome for ${event.id}`);
        return outcome;
      });
    },
    async close() {
      await clients.drop(destination);
      await Promise.resolve();
      await Promise.all(closing);
    },
  };
}

function valueOf<T>(parsed: Parsed<T>): T {
  if ('problems' in parsed) throw new Error(problemText(parsed.problems));
  return parsed.value;
}
