import { createRedactor, type Redactor } from '../contract/redaction.ts';
import type { Sink, SinkContext } from '../contract/sink.ts';
import type { Destination } from '../destinations/destination.ts';

/** The clients of a sink, one per destination version, kept over invocations. */
export interface Clients<Options, Secrets, Client> {
  get(destination: Destination<Options, Secrets>, ctx: SinkContext<Options, Secrets>): Promise<Client>;
  /** Knows the secrets of the destination, those of earlier versions and what was derived of them among them. */
  redactor(destination: Destination<Options, Secrets>): Redactor;
  /** Forgets the destination's client and closes it. */
  drop(destination: Destination<Options, Secrets>): Promise<void>;
}

/** @param onError is told of a client that did not close. */
export function createClients<Options, Secrets, Payload, Client>(
  sink: Sink<Options, Secrets, Payload, Client>,
  onError: (destination: string, error: unknown) => void,
): Clients<Options, Secrets, Client> {
  const redactors = new Map<string, Redactor>();
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
    redactor({ id }) {
      const redactor = redactors.get(id) ?? createRedactor();
      redactors.set(id, redactor);
      return redactor;
    },
    async drop(destination) {
      close(destination.id);
    },
  };

  /** Not waited for: a broken client may hang on closing, and the events do not depend on it. */
  function close(id: string): void {
    const known = kept.get(id);
    kept.delete(id);
    known?.client.then(
      (client) => sink.close?.(client).catch((error: unknown) => onError(id, error)),
      // What never connected needs no closing; why it did not, has been said.
      () => {},
    );
  }

  // A sink without connect has declared its client undefined.
  function noClient(): Client {
    return undefined as Client;
  }
}
