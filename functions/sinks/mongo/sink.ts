import { chunk } from '../../core/kit/chunk.ts';
import { delivered, ofRequest } from '../../core/contract/outcome.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { classify } from './classify.ts';
import { createClient } from './client.ts';
import { config } from './config.ts';
import { renderDocument, type EventDocument } from './document.ts';

/** Well below the 48 MB of a message, so that a slow network carries it in time. */
const LIMITS = { maxItems: 1000, maxBytes: 4 * 1024 * 1024 };

/** One unordered bulk write for a batch, an outcome for each document. Whether a duplicate key is one of `_id` is then looked up. */
export const sink = defineSink({
  config,
  render(events, options) {
    const items = events.map((event) => ({ event, document: renderDocument(event, options.mode) }));
    return chunk(items, LIMITS, ({ document }) => sizeBytes(document)).map((part) => ({
      events: part.map(({ event }) => event),
      payload: part.map(({ document }) => document),
    }));
  },
  connect: async (ctx) => createClient(ctx),
  close: (client) => client.close(),
  async send({ payload }, client) {
    try {
      const failures = await client.write(payload);
      return payload.map((_, index) => {
        const failure = failures[index];
        return failure === undefined || failure === null ? delivered : classify(failure);
      });
    } catch (error) {
      return ofRequest(classify(error));
    }
  },
});

/** Close enough to the size in BSON: texts, and names and numbers around them. */
function sizeBytes(document: EventDocument): number {
  return Object.values(document).reduce<number>((sum, value) => sum + Buffer.byteLength(String(value)) + 32, 0);
}
