import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { ClusterEvent } from '../../core/contract/event.ts';
import { defineSink } from '../../core/contract/sink.ts';
import { chunk } from '../../core/kit/chunk.ts';
import { config } from './config.ts';
import { insertOutcome } from './reply.ts';
import { rowJson } from './row.ts';

const LIMITS = { maxItems: 5000, maxBytes: 5_000_000 };

/** One INSERT for a batch: all rows or none. A repeat of the batch is known by its token, a row's by its key. */
export const sink = defineSink({
  config,
  render(events) {
    const rendered = events.map((event) => ({ event, row: rowJson(event) }));
    return chunk(rendered, LIMITS, ({ row }) => Buffer.byteLength(row) + 1).map((run) => ({
      events: run.map(({ event }) => event),
      payload: run.map(({ row }) => `${row}\n`).join(''),
    }));
  },
  async send({ events, payload }, _client, { http, now, options, secrets, conceal }) {
    const { endpoint, database, table, username, tls } = options;
    const query = new URLSearchParams({
      query: `INSERT INTO ${quoted(database)}.${quoted(table)} FORMAT JSONEachRow`,
      // Whatever the user's profile says: the reply has to tell what became of the rows.
      async_insert: '0',
      wait_for_async_insert: '1',
      wait_end_of_query: '1',
      date_time_input_format: 'best_effort',
      input_format_skip_unknown_fields: '0',
      insert_deduplicate: '1',
      insert_deduplication_token: tokenOf(events),
    });
    const login = Buffer.from(`${username}:${secrets.password?.reveal() ?? ''}`).toString('base64');
    if (secrets.password) conceal(login);
    const reply = await http({
      method: 'POST',
      url: `${endpoint.replace(/\/$/, '')}/?${query.toString()}`,
      headers: {
        'Content-Type': 'application/x-ndjson',
        'Content-Encoding': 'gzip',
        Authorization: `Basic ${login}`,
      },
      body: gzipSync(payload),
      ...(tls && { tls }),
    });
    return insertOutcome(reply, now());
  },
});

/** The same for the same events in the same order. */
function tokenOf(events: readonly ClusterEvent[]): string {
  return createHash('sha256')
    .update(JSON.stringify(events.map(({ id }) => id)))
    .digest('hex');
}

function quoted(name: string): string {
  return `\`${name}\``;
}
