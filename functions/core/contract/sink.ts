import type { ClusterEvent } from './event.ts';
import type { SinkConfig } from './config.ts';
import type { Http } from '../contract/http.ts';
import type { Outcome } from './outcome.ts';

/** What travels to the service together, and as what. */
export interface Parcel<Payload> {
  readonly events: readonly ClusterEvent[];
  readonly payload: Payload;
}

/** AWS access for sinks that sign requests themselves. */
export interface AwsAccess {
  readonly region: () => Promise<string>;
  readonly credentials: () => Promise<AwsCredentials>;
}

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Everything impure a sink may use. */
export interface SinkContext<Options, Secrets> {
  readonly options: Options;
  readonly secrets: Secrets;
  /** Aborts at the invocation's deadline. `http` heeds it by itself; vendor clients must be given it or a timeout. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly http: Http;
  /** Writes one line to standard output. For the `log` sink: other sinks never log. */
  readonly log: (line: string) => void;
  readonly aws: AwsAccess;
  /**
   * Tells of a secret that is no value of `secrets`, but made or fetched with one and sent to the service: a login in base64, a
   * signature, a presigned URL, an access token. Called before each use, it keeps the text out of what is shown, as `secrets` are.
   */
  readonly conceal: (text: string) => void;
}

/**
 * A sink: pure rendering and one delivery request. It never loops over attempts, sleeps, retries, filters, batches, reads
 * the environment or logs; `handler.ts` does all of that once, for all sinks.
 *
 * Where one delivery needs a second call (a token refused and fetched anew, a topic looked up), it happens inside `connect` or
 * `send`, once, ends with the same signal, and the sink's docstring says so.
 */
export interface Sink<Options, Secrets, Payload, Client = undefined> {
  readonly config: SinkConfig<Options, Secrets>;
  /** The vendor's rate: `key` names what is limited (the robot, not the destination) and contains no secret in the clear. */
  pace?(options: Options, secrets: Secrets): { readonly key: string; readonly perMinute: number };
  /** Pure. Every event goes into exactly one parcel. Holds size limits, digests and templates. A throw rejects the event. */
  render(events: readonly ClusterEvent[], options: Options): readonly Parcel<Payload>[];
  /** Opens what outlives an invocation: a producer, a pool, a token. Kept per destination version. A throw is a retry. */
  connect?(ctx: SinkContext<Options, Secrets>): Promise<Client>;
  close?(client: Client): Promise<void>;
  /**
   * Makes one delivery request and classifies the reply: one outcome for the parcel, or one per event in its order. A throw
   * is a retry with a fresh client. An outcome for the parcel is that of each event in it: where it is refused for one of them
   * and the service does not say which, that is `split`, not `rejected`.
   */
  send(
    parcel: Parcel<Payload>,
    client: Client,
    ctx: SinkContext<Options, Secrets>,
  ): Promise<Outcome | readonly Outcome[]>;
}

/** Infers a sink's types from its config; adds nothing at run time. */
export function defineSink<Options, Secrets, Payload, Client = undefined>(
  sink: Sink<Options, Secrets, Payload, Client>,
): Sink<Options, Secrets, Payload, Client> {
  return sink;
}
