/** A service that a sink delivers to, and the destination's two documents for it. */
export interface SinkService {
  readonly document: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, unknown>>;
  /**
   * The identities of the events it holds, repeats included where the service keeps them; undefined where it cannot tell, as
   * in a chat.
   */
  ids?(): Promise<readonly string[]>;
  /** Requests or messages it has taken so far, where that can be counted. */
  requests?(): number;
  stop(): Promise<void>;
}
