/** What a call brings. */
export interface Call {
  readonly query: URLSearchParams;
  /** Of a call that has one: JSON, not looked at yet. */
  readonly body: unknown;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** What answers a call. */
export interface Endpoint {
  /** Resolves to the answer as JSON. @throws {Refusal} */
  run(call: Call): unknown;
  /** Whether it changes anything, which `--read-only` refuses. */
  readonly changes?: (body: unknown) => boolean;
  readonly limitMs?: number;
}

/** By method and path, such as `GET /api/about`. */
export type Endpoints = Readonly<Record<string, Endpoint>>;

export const always = (): boolean => true;
