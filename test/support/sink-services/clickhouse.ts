import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startClickhouse } from '../services/clickhouse.ts';
import { sinksFolder } from '../sink-under-test.ts';
import type { SinkService } from './service.ts';

/** ClickHouse's engine, with the table of schema.sql. */
export async function start(): Promise<SinkService> {
  const server = await startClickhouse();
  const database = 'every_sink';
  await server.query(`CREATE DATABASE ${database}`);
  await server.query(await readFile(join(sinksFolder, 'clickhouse/schema.sql'), 'utf8'), database);
  return {
    document: { endpoint: server.url, database, username: server.username },
    secrets: { password: server.password },
    // As the sink's README reads it: rows of one key are one.
    async ids() {
      const ids = await server.query('SELECT id FROM kube_events FINAL', database);
      return ids === '' ? [] : ids.split('\n');
    },
    stop: () => server.stop(),
  };
}
