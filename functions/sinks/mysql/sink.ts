import { chunk } from '../../core/kit/chunk.ts';
import { delivered } from '../../core/contract/outcome.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { classify } from './classify.ts';
import { createClient } from './client.ts';
import { config } from './config.ts';
import { insert, rowBytes } from './statement.ts';

/** Far below MySQL's 65,535 placeholders, and below the smallest max_allowed_packet in use, 4 MiB. */
const LIMITS = { maxItems: 500, maxBytes: 1024 * 1024 };

/** One INSERT for a batch: all rows or none, and each row once however often it is sent. */
export const sink = defineSink({
  config,
  render(events, options) {
    return chunk(events, LIMITS, (event) => rowBytes(event, options)).map((rows) => ({
      events: rows,
      payload: insert(rows, options),
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
