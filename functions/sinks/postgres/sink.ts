import type { ClusterEvent } from '../../core/contract/event.ts';
import { delivered } from '../../core/contract/outcome.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { chunk } from '../../core/kit/chunk.ts';
import { comparableVersion } from '../../core/kit/version.ts';
import { classify } from './classify.ts';
import { createClient } from './client.ts';
import { config } from './config.ts';
import { insert, keyOf, rowJson, type Target } from './statement.ts';

const LIMITS = { maxItems: 500, maxBytes: 1024 * 1024 };

/**
 * One INSERT for a batch: all rows or none, and each row once however often it is sent. Where a connection that was kept turns out
 * to be lost, the statement is run once more on a new one.
 */
export const sink = defineSink({
  config,
  render(events, options) {
    const rendered = events.map((event) => ({ event, row: rowJson(event, options.mode) }));
    return chunk(rendered, LIMITS, ({ row }) => Buffer.byteLength(row) + 1).map((run) => ({
      events: run.map(({ event }) => event),
      payload: insert(
        written(run, options).map(({ row }) => row),
        options,
      ),
    }));
  },
  connect: async (ctx) => createClient(ctx),
  close: (client) => client.close(),
  async send({ payload }, client) {
    try {
      await client.execute(payload);
      return delivered;
    } catch (error) {
      return classify(error);
    }
  },
});

interface Rendered {
  readonly event: ClusterEvent;
  readonly row: string;
}

/** In mode latest the newest of each key: PostgreSQL refuses a statement that would replace a row twice. */
function written(run: readonly Rendered[], { mode }: Target): readonly Rendered[] {
  if (mode === 'history') return run;
  const newest = new Map<string, Rendered>();
  for (const rendered of run) {
    const key = keyOf(rendered.event, mode);
    const other = newest.get(key);
    if (!other || comparableVersion(other.event) <= comparableVersion(rendered.event)) newest.set(key, rendered);
  }
  return [...newest.values()];
}
