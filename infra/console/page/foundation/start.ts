import type { About, Failure, Flow, LiveBatch, LiveEvent } from '../../contract.ts';
import { createFeed } from '../live/feed.ts';
import { RATE_SECONDS } from '../flow/rates.ts';
import type { Api } from './api.ts';
import type { App } from './app.ts';
import { createStore } from './store.ts';
import { followStream, type StreamState } from './stream.ts';

/** Starts what lives as long as the page: the stream, and what it fills. */
export function startApp(api: Api, about: About, announce: (text: string) => void): App {
  const feed = createFeed();
  const flow = createStore<Flow | undefined>(undefined);
  const flowProblem = createStore<Failure | undefined>(undefined);
  const rates = createStore<readonly number[]>([]);
  const stream = createStore<StreamState>('connecting');
  const take: Readonly<Record<string, (data: string) => void>> = {
    reset: () => feed.reset(),
    live(data) {
      const batch: LiveBatch = JSON.parse(data);
      feed.push(batch);
    },
    flow(data) {
      const next: Flow = JSON.parse(data);
      flow.set(next);
      flowProblem.set(undefined);
      rates.set([...rates.get(), next.eventsPerSecond ?? 0].slice(-RATE_SECONDS));
    },
    problem(data) {
      const failure: Failure = JSON.parse(data);
      flowProblem.set(failure);
    },
  };
  const source = {
    open: api.stream,
    tell: ({ event, data }: { readonly event: string; readonly data: string }) => take[event]?.(data),
    say: stream.set,
    wait: async (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
  };
  void followStream(source, new AbortController().signal);
  const chosen = createStore<LiveEvent | undefined>(undefined);
  return { api, about, feed, flow, flowProblem, rates, stream, chosen, drafts: new Map(), announce };
}
