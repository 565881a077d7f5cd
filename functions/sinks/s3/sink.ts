import type { ClusterEvent } from '../../core/contract/event.ts';
import { delivered } from '../../core/contract/outcome.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { chunk } from '../../core/kit/chunk.ts';
import { createClient } from './client.ts';
import { config } from './config.ts';
import { objectKey, partitionOf } from './key.ts';
import { archiveLine } from './line.ts';
import { putOutcome } from './outcome.ts';

/** S3 takes 5 GB; a function has its memory, and readers unpack whole objects. Of gzipped lines it is about a tenth. */
const LIMITS = { maxItems: 20_000, maxBytes: 32 * 1024 * 1024 };

/** One object for each partition of a batch, which is never replaced. A repeat of the same batch has the same key. */
export const sink = defineSink({
  config,
  render(events, { prefix }) {
    return [...Map.groupBy(events, partitionOf).values()].flatMap((inPartition) => {
      // The same batch in another order is the same object.
      const lines = inPartition
        .map((event) => ({ event, line: `${archiveLine(event)}\n` }))
        .toSorted((a, b) => compare(a.event, b.event));
      return chunk(lines, LIMITS, ({ line }) => Buffer.byteLength(line)).flatMap(([first, ...rest]) => {
        if (!first) return [];
        const run = [first.event, ...rest.map(({ event }) => event)] as const;
        const text = [first, ...rest].map(({ line }) => line).join('');
        return [{ events: run, payload: { Key: objectKey(prefix, run), text } }];
      });
    });
  },
  connect: async (ctx) => createClient(ctx),
  close: async (client) => client.close(),
  async send({ payload }, client, { options }) {
    try {
      await client.createObject({ Bucket: options.bucket, ...payload });
      return delivered;
    } catch (error) {
      return putOutcome(error);
    }
  },
});

function compare(a: ClusterEvent, b: ClusterEvent): number {
  return a.id < b.id ? -1 : Number(a.id > b.id);
}
