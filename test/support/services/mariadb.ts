import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';

import { createConnection } from 'mysql2/promise';
import * as z from 'zod/mini';

import { installOnce, type Service } from './cache.ts';
import { makeCertificates } from './certificates.ts';
import { launch, serviceFolder } from './child.ts';
import { unpackDebianPackages, unpackedEnvironment } from './debian.ts';
import { freePorts } from './ports.ts';
import { run } from './run.ts';
import { fromEnvironment, type Lifecycle } from './service.ts';

/** MariaDB as the distribution packages it; it stands for MySQL, less MySQL 8's own way to log in. */
export const mariadb: Service = {
  name: 'mariadb',
  version: 'debian',
  buildTools: ['apt-get', 'dpkg'],
  runTools: ['openssl'],
  install: (folder) => unpackDebianPackages(folder, ['mariadb-server-core', 'mariadb-client-core']),
};

const endpoint = z.object({
  host: z.string(),
  port: z.number(),
  /** An administrator: may create users and databases and set global variables. */
  user: z.string(),
  password: z.string(),
  /** An empty database. */
  database: z.string(),
  /** PEM file of the certificate authority behind the server's certificate. */
  caFile: z.string(),
});

export type MariadbEndpoint = Readonly<z.infer<typeof endpoint>>;

export interface MariadbService extends MariadbEndpoint, Lifecycle {}

/** Starts a server that offers TLS without demanding it. */
export async function startMariadb(): Promise<MariadbService> {
  const found = fromEnvironment(mariadb, endpoint);
  if (found !== undefined) return found;

  const unpacked = await installOnce(mariadb);
  const folder = await serviceFolder('mariadb');
  const [port = 0] = await freePorts(1);
  const { caFile, certificateFile, keyFile } = await makeCertificates(folder);
  const service: MariadbEndpoint = {
    host: '127.0.0.1',
    port,
    user: 'courier',
    password: randomUUID(),
    database: 'courier',
    caFile,
  };
  const env = await unpackedEnvironment(unpacked);
  const options = [
    '--no-defaults',
    `--basedir=${join(unpacked, 'usr')}`,
    `--datadir=${join(folder, 'data')}`,
    `--user=${userInfo().username}`,
  ];
  await run(
    join(unpacked, 'usr', 'bin', 'mariadb-install-db'),
    [...options, '--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve'],
    { cwd: folder, env },
  );

  const startSql = join(folder, 'start.sql');
  await writeFile(
    startSql,
    `CREATE DATABASE IF NOT EXISTS ${service.database};
CREATE USER IF NOT EXISTS '${service.user}'@'%' IDENTIFIED BY '${service.password}';
GRANT ALL ON *.* TO '${service.user}'@'%' WITH GRANT OPTION;
DROP USER IF EXISTS 'root'@'127.0.0.1';
`,
  );
  const lifecycle = await launch({
    name: mariadb.name,
    folder,
    command: [
      join(unpacked, 'usr', 'sbin', 'mariadbd'),
      ...options,
      `--init-file=${startSql}`,
      `--socket=${join(folder, 'socket')}`,
      `--pid-file=${join(folder, 'pid')}`,
      `--bind-address=${service.host}`,
      `--port=${port}`,
      '--skip-name-resolve',
      '--character-set-server=utf8mb4',
      // small and quick rather than safe: the data is worth nothing after the test
      '--innodb-buffer-pool-size=32M',
      '--innodb-log-file-size=8M',
      '--innodb-flush-log-at-trx-commit=0',
      '--performance-schema=0',
      `--ssl-ca=${caFile}`,
      `--ssl-cert=${certificateFile}`,
      `--ssl-key=${keyFile}`,
    ],
    env,
    isReady: () => isReady(service),
  });
  return { ...service, ...lifecycle };
}

async function isReady({ host, port, user, password, database }: MariadbEndpoint): Promise<boolean> {
  const connection = await createConnection({ host, port, user, password, database, connectTimeout: 2_000 });
  await connection.end();
  return true;
}
