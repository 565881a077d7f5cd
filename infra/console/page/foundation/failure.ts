import type { Failure } from '../../contract.ts';

/** What a person reads when a call fails: the server's own sentence where it has one. */
export function failureOf(status: number | 'unreachable' | 'late', body: unknown): Failure {
  if (status === 'unreachable')
    return { error: 'The console does not answer: it may have been stopped. Start it again in the terminal.' };
  if (status === 'late') return { error: 'The console did not answer within a minute. Try again.' };
  if (typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'string') {
    const command = 'command' in body && typeof body.command === 'string' ? { command: body.command } : {};
    return { error: body.error, ...command };
  }
  if (status === 401 || status === 403)
    return { error: 'The console refused the token: copy its address from the terminal again.' };
  return { error: `The console answered with status ${status} and no reason. Its terminal may say more.` };
}

/** A call that failed. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly failure: Failure;
  /** 0 where there was no answer. */
  readonly status: number;
  constructor(failure: Failure, status: number) {
    super(failure.error);
    this.failure = failure;
    this.status = status;
  }
}

/** Whatever was thrown, as what a person reads. */
export function thrown(error: unknown): Failure {
  if (error instanceof ApiError) return error.failure;
  return { error: error instanceof Error ? error.message : String(error) };
}
