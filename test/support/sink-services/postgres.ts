import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { startPostgres } from '../services/postgres.ts';
import { sinksFolder } from '../sink-under-test.ts';
import type { SinkService } from './service.ts';

export async function start(): Promise<SinkService> {
  const server = await startPostgres();
  const { host, port, user, password, database } = server;
  const admin = new Client({ host, port, user, password, database });
  await admin.connect();
  await admin.query(await readFile(join(sinksFolder, 'postgres/schema.sql'), 'utf8'));
  return {
    document: { host, port, database, username: user },
    secrets: { password },
    async ids() {
      const { rows } = await admin.query<{ event_key: string }>('SELECT event_key FROM kube_events');
      return rows.map((row) => row.event_key);
    },
    async stop() {
      await admin.end();
      await server.stop();
    },
  };
}
