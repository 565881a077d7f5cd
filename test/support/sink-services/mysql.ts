import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { startMariadb } from '../services/mariadb.ts';
import { sinksFolder } from '../sink-under-test.ts';
import type { SinkService } from './service.ts';

export async function start(): Promise<SinkService> {
  const server = await startMariadb();
  const { host, port, user, password, database } = server;
  const admin = await createConnection({ host, port, user, password, database, multipleStatements: true });
  await admin.query(await readFile(join(sinksFolder, 'mysql/schema.sql'), 'utf8'));
  return {
    document: { host, port, database, username: user },
    secrets: { password },
    async ids() {
      const [rows] = await admin.query<RowDataPacket[]>('SELECT event_key FROM kube_events');
      return rows.map((row) => String(row['event_key']));
    },
    async stop() {
      await admin.end();
      await server.stop();
    },
  };
}
