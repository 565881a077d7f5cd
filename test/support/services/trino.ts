import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import axios from 'axios';
import * as z from 'zod/mini';

import { installOnce, type Service } from './cache.ts';
import { launch, serviceFolder } from './child.ts';
import { installJava, javaHome } from './java.ts';
import { unpackMavenTar, unpackMavenZip } from './maven.ts';
import type { MotoService } from './moto.ts';
import { freePorts } from './ports.ts';
import type { Lifecycle } from './service.ts';

const VERSION = '476';

/** Trino, the engine that Athena is made of, with its Hive connector, which reads Glue's tables and projects their partitions. */
export const trino: Service = {
  name: 'trino',
  version: VERSION,
  buildTools: ['mvn', 'python3', 'tar'],
  runTools: [],
  async install(folder) {
    await unpackMavenTar(folder, `io.trino:trino-server-core:${VERSION}`);
    await rm(join(folder, 'plugin'), { recursive: true });
    await mkdir(join(folder, 'plugin', 'hive'), { recursive: true });
    await unpackMavenZip(join(folder, 'plugin', 'hive'), `io.trino:trino-hive:${VERSION}`);
    await installJava(folder);
  },
};

export type TrinoRow = Readonly<Record<string, unknown>>;

export interface TrinoService extends Lifecycle {
  /** Runs a statement in the catalog of Glue's tables. @throws {Error} with what Trino says is wrong. */
  readonly query: (sql: string) => Promise<readonly TrinoRow[]>;
}

/** Starts one whose catalog is moto's Glue, and whose tables are in moto's S3. None that runs elsewhere could have these. */
export async function startTrino({ access }: Pick<MotoService, 'access'>): Promise<TrinoService> {
  const home = await installOnce(trino);
  const folder = await serviceFolder('trino');
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const { endpoint, region, credentials } = access;
  await mkdir(join(folder, 'catalogs'));
  await writeFile(
    join(folder, 'catalogs', 'glue.properties'),
    properties({
      'connector.name': 'hive',
      'hive.metastore': 'glue',
      'hive.metastore.glue.endpoint-url': endpoint,
      'hive.metastore.glue.region': region,
      'hive.metastore.glue.aws-access-key': credentials.accessKeyId,
      'hive.metastore.glue.aws-secret-key': credentials.secretAccessKey,
      'hive.partition-projection-enabled': 'true',
      // Moto keeps none.
      'hive.table-statistics-enabled': 'false',
      'fs.native-s3.enabled': 'true',
      's3.endpoint': endpoint,
      's3.region': region,
      's3.path-style-access': 'true',
      's3.aws-access-key': credentials.accessKeyId,
      's3.aws-secret-key': credentials.secretAccessKey,
    }),
  );
  const configuration = join(folder, 'config.properties');
  await writeFile(
    configuration,
    properties({
      coordinator: 'true',
      'node-scheduler.include-coordinator': 'true',
      'node.environment': 'test',
      'node.bind-ip': '127.0.0.1',
      'node.internal-address': '127.0.0.1',
      'http-server.http.port': String(port),
      'discovery.uri': url,
      'plugin.dir': join(home, 'plugin'),
      'catalog.config-dir': join(folder, 'catalogs'),
      'query.max-memory-per-node': '200MB',
      'memory.heap-headroom-per-node': '100MB',
    }),
  );
  const lifecycle = await launch({
    name: trino.name,
    folder,
    command: [
      join(javaHome(home), 'bin', 'java'),
      '-Xmx512m',
      '-XX:TieredStopAtLevel=1',
      `-Djava.io.tmpdir=${folder}`,
      `-Dconfig=${configuration}`,
      '-cp',
      join(home, 'lib', '*'),
      'io.trino.server.TrinoServer',
    ],
    isReady: async () => {
      const { data } = await axios.get(`${url}/v1/info`, { timeout: 2_000, proxy: false });
      return data.starting === false;
    },
    graceMs: 3_000,
  });
  return { ...lifecycle, query: (sql) => query(url, sql) };
}

function properties(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

const page = z.object({
  nextUri: z.optional(z.string()),
  columns: z.optional(z.array(z.object({ name: z.string() }))),
  data: z.optional(z.array(z.array(z.unknown()))),
  error: z.optional(z.object({ message: z.string() })),
});

/** https://trino.io/docs/current/develop/client-protocol.html */
async function query(url: string, sql: string): Promise<readonly TrinoRow[]> {
  const http = axios.create({ headers: { 'X-Trino-User': 'test', 'X-Trino-Catalog': 'glue' }, proxy: false });
  const rows: TrinoRow[] = [];
  let next = await http.post(`${url}/v1/statement`, sql);
  for (;;) {
    const { nextUri, columns = [], data = [], error } = page.parse(next.data);
    if (error) throw new Error(error.message);
    for (const row of data) rows.push(Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])));
    if (nextUri === undefined) return rows;
    next = await http.get(nextUri);
  }
}
