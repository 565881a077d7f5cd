import type { ClusterEvent } from '../../functions/core/contract/event.ts';
import type { DocumentSource } from '../../functions/core/destinations/documents.ts';
import type {
  About,
  Attempt,
  Behaviour,
  DestinationVersion,
  Flow,
  Inability,
  LetterGroup,
  Receiver,
  ReplayAnswer,
  ReplayRequest,
  Saved,
  SaveRequest,
  TestAnswer,
} from './contract.ts';

/** Something that a source has seen. */
export type Observation =
  | { readonly kind: 'event'; readonly event: ClusterEvent }
  | { readonly kind: 'delivery'; readonly eventId: string; readonly destination: string; readonly attempt: Attempt };

/**
 * What the console shows: the embedded stack, or a deployed one. Calls reject with an `OpsError` that a person can act on; what a source cannot do it
 * says in `about.cannot`, and has no function for.
 */
export interface ConsoleSource {
  readonly about: Omit<About, 'readOnly' | 'version'>;
  /** Tells what it sees from now on, until the signal aborts; a source that looks backwards first tells the last few. Never rejects: what fails is tried again, and said by {@link flow}. */
  follow(tell: (observations: readonly Observation[]) => void, signal: AbortSignal): Promise<void>;
  flow(): Promise<Flow>;
  /** Letters by owner, code and destination. It may hide them for a moment. */
  letters(signal: AbortSignal): Promise<readonly LetterGroup[]>;
  replay?(request: ReplayRequest, signal: AbortSignal): Promise<ReplayAnswer>;
  /**
   * Destinations, secrets and silences, as stored: what is secret in them the server keeps out of its answers. Where `read` of secrets
   * rejects, it is not told what lacks one.
   */
  readonly documents: DocumentSource;
  /** The earlier versions of a destination, newest first, as far as they are kept, and as they were stored. */
  versions(id: string): Promise<readonly DestinationVersion[]>;
  /** Writes a document that was checked, with its secret fields as they are to be. Rejects if `basedOn` is not the version there. */
  save?(request: SaveRequest): Promise<Saved>;
  /** Why a destination cannot be saved here, nor rolled back, where others can. */
  noEdit?(id: string): Promise<Inability | undefined>;
  /** Delivers a test event for real. */
  test?(id: string): Promise<TestAnswer>;
  putSilence?(name: string, text: string): Promise<void>;
  removeSilence?(name: string): Promise<boolean>;
  readonly receiver?: {
    read(): Receiver;
    set(behaviour: Behaviour): void;
  };
  /** A command that finds the earlier events of an object; absent where there is no archive. */
  earlier?(object: { readonly cluster: string; readonly namespace: string; readonly name: string }): string;
}
