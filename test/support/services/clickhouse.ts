import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import axios from 'axios';
import * as z from 'zod/mini';

import { installOnce, type Service } from './cache.ts';
import { launch, serviceFolder } from './child.ts';
import { freePorts } from './ports.ts';
import { installPythonPackages } from './python.ts';
import { fromEnvironment, type Lifecycle } from './service.ts';

const FRONT = join(import.meta.dirname, 'clickhouse-front.py');

/** ClickHouse's engine, chdb, behind a front that speaks the HTTP interface: a server is no package that is to be had. */
export const clickhouse: Service = {
  name: 'clickhouse',
  version: '26.9.0',
  buildTools: ['python3'],
  runTools: ['python3'],
  install: (folder) => installPythonPackages(folder, 'clickhouse-requirements.txt'),
};

const endpoint = z.object({
  /** The HTTP interface, `http://127.0.0.1:<port>` */
  url: z.string(),
  /** May make databases and tables. */
  username: z.string(),
  password: z.string(),
});

export type ClickhouseEndpoint = Readonly<z.infer<typeof endpoint>>;

export interface ClickhouseService extends ClickhouseEndpoint, Lifecycle {
  /** Runs a statement in a database, `default` if it is left out; resolves to its result, the last line without its end. */
  readonly query: (sql: string, database?: string) => Promise<string>;
}

/** Starts one that is empty. */
export async function startClickhouse(): Promise<ClickhouseService> {
  const found = fromEnvironment(clickhouse, endpoint);
  if (found !== undefined) return withQuery(found);

  const packages = await installOnce(clickhouse);
  const folder = await serviceFolder('clickhouse');
  const [port] = await freePorts(1);
  const service: ClickhouseEndpoint = {
    url: `http://127.0.0.1:${port}`,
    username: 'courier',
    password: randomUUID(),
  };
  const lifecycle = await launch({
    name: clickhouse.name,
    folder,
    command: ['python3', FRONT, String(port), join(folder, 'data')],
    env: {
      PYTHONPATH: packages,
      PYTHONDONTWRITEBYTECODE: '1',
      CLICKHOUSE_USER: service.username,
      CLICKHOUSE_PASSWORD: service.password,
    },
    isReady: async () => (await axios.get(`${service.url}/ping`, { timeout: 2_000, proxy: false })).status === 200,
  });
  return withQuery({ ...service, ...lifecycle });
}

function withQuery(service: ClickhouseEndpoint & Lifecycle): ClickhouseService {
  const { url, username, password } = service;
  return {
    ...service,
    async query(sql, database = 'default') {
      const { data, status } = await axios.post(`${url}/?${new URLSearchParams({ database }).toString()}`, sql, {
        auth: { username, password },
        proxy: false,
        responseType: 'text',
        transformResponse: [],
        validateStatus: () => true,
      });
      if (status !== 200) throw new Error(String(data));
      return String(data).trimEnd();
    },
  };
}
