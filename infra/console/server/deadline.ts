import { untilAborted } from '../../../functions/core/contract/limits.ts';
import type { Clock } from '../../ops/clock.ts';
import { Refusal } from './refusal.ts';

/** What work resolves to, unless it takes too long or the server stops. What it was given to stop by aborts in the end, in any case. */
export async function within<T>(
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<T> {
  const ended = new AbortController();
  const limit = new AbortController();
  const stop = AbortSignal.any([limit.signal, signal]);
  const late = new Refusal(504, `no answer within ${ms / 1000} s: try again, or see what holds it up`);
  const timer = clock.sleep(ms, AbortSignal.any([ended.signal, stop])).then(() => limit.abort(late));
  try {
    return await untilAborted(started(work, stop), stop);
  } finally {
    ended.abort();
    await timer;
  }
}

/** One that throws at once has failed like any other. */
async function started<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
  return work(signal);
}
