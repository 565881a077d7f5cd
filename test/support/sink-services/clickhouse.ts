import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sinksFolder } from '../sink-under-test.ts';
import { startClickhouse } from '../vendors/clickhouse.ts';
import type { SinkService } from './service.ts';

export async function start(): Promise<SinkService> {
  const schema = await readFile(join(sinksFolder, 'clickhouse/schema.sql'), 'utf8');
  const login = { username: 'kube_courier', password: 'password-of-the-test' };
  const fake = await startClickhouse({ ...login, schema, table: '`events`.`kube_events`' });
  return {
    document: { endpoint: fake.url, database: 'events', username: login.username },
    secrets: { password: login.password },
    // What FINAL shows: the key of the table ends in the identity.
    ids: async () => [...new Set(fake.rows.map((row) => String(row['id'])))],
    requests: fake.inserts,
    stop: () => fake.stop(),
  };
}
