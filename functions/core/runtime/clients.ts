import type { Clients } from './deliver.ts';
import type { Sink } from '../contract/sink.ts';

/** Keeps a sink's clients over invocations: one per destination version, closed when another version takes its place. */
export function createClients<Options, Secrets, Payload, Client>(
  sink: Sink<Options, Secrets, Payload, Client>,
  onError: (destination: string, error: unknown) => void,
): Clients<Options, Secrets, Client> {
  const kept = new Map<string, { readonly version: string; readonly client: Promise<Client> }>();
  return {
    async get(destination, ctx) {
      const known = kept.get(destination.id);
      if (known?.version === destination.version) return known.client;
      close(destination.id);
      if (!sink.connect) return noClient();
      const client = sink.connect(ctx);
      kept.set(destination.id, { version: destination.version, client });
      return client;
    },
    async drop(destination) {
      close(destination.id);
    },
  };

  /** Not waited for: a broken client may hang on closing, and the events do not depend on it. */
  function close(id: string): void {
    const known = kept.get(id);
    kept.delete(id);
    known?.client.then((client) => sink.close?.(client)).catch((error: unknown) => onError(id, error));
  }

  // A sink without connect has declared its client undefined.
  function noClient(): Client {
    return undefined as Client;
  }
}
