import axios from 'axios';
import { startInfluxdb } from '../services/influxdb.ts';
import type { SinkService } from './service.ts';

export async function start(): Promise<SinkService> {
  const server = await startInfluxdb();
  const { username, password } = server;
  const query = (q: string) =>
    axios.post(`${server.url}/query`, new URLSearchParams({ q, db: 'courier' }), { auth: { username, password } });
  await query('CREATE DATABASE courier');
  return {
    document: { endpoint: server.url, api: 'v1', database: 'courier', username },
    secrets: { password },
    async ids() {
      const { data } = await query('SELECT * FROM kubernetes_events');
      const values: string[][] = data.results[0].series?.[0].values ?? [];
      return values.map((row) => JSON.stringify(row));
    },
    stop: () => server.stop(),
  };
}
