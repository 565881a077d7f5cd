/** LocalStack as one of the ways to start it gives it. */
export interface RunningEndpoint {
  /** Whether it was there already, or was started as a container or as a process of this machine. */
  readonly origin: 'found' | 'container' | 'process';
  /** Such as `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  /** Where a server that functions are to reach must listen, and under which host name they reach it. */
  readonly receivers: { readonly bind: string; readonly host: string };
  /** Ends it and everything it started. Does nothing to a LocalStack that was already there. */
  readonly stop: () => Promise<void>;
}
