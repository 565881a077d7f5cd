import { randomUUID } from 'node:crypto';
import { appendFile, chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Client } from 'pg';
import * as z from 'zod/mini';

import { installOnce, type Service } from './cache.ts';
import { makeCertificates } from './certificates.ts';
import { launch, serviceFolder } from './child.ts';
import { unpackDebianPackages, unpackedEnvironment } from './debian.ts';
import { asOtherThanRoot, OTHER_USER_TOOLS } from './other-user.ts';
import { freePorts } from './ports.ts';
import { run } from './run.ts';
import { fromEnvironment, type Lifecycle } from './service.ts';

const MAJOR = '15';

/** PostgreSQL as Debian packages it. */
export const postgres: Service = {
  name: 'postgres',
  version: `${MAJOR}-debian`,
  buildTools: ['apt-get', 'dpkg'],
  runTools: ['openssl', ...OTHER_USER_TOOLS],
  install: (folder) => unpackDebianPackages(folder, [`postgresql-${MAJOR}`]),
};

const endpoint = z.object({
  host: z.string(),
  port: z.number(),
  /** A superuser. */
  user: z.string(),
  password: z.string(),
  /** A database in which tables and users may be made. */
  database: z.string(),
  /** PEM file of the certificate authority behind the server's certificate. */
  caFile: z.string(),
});

export type PostgresEndpoint = Readonly<z.infer<typeof endpoint>>;

export interface PostgresService extends PostgresEndpoint, Lifecycle {}

/** Starts a server that offers TLS, and demands it of the user `secured`. */
export async function startPostgres(): Promise<PostgresService> {
  const found = fromEnvironment(postgres, endpoint);
  if (found !== undefined) return found;

  const unpacked = await installOnce(postgres);
  const programs = join(unpacked, 'usr', 'lib', 'postgresql', MAJOR, 'bin');
  const folder = await serviceFolder('postgres');
  const [data, sockets, passwordFile] = ['data', 'sockets', 'password'].map((name) => join(folder, name));
  const [port = 0] = await freePorts(1);
  const { caFile, certificateFile, keyFile } = await makeCertificates(folder);
  const service: PostgresEndpoint = {
    host: '127.0.0.1',
    port,
    user: 'courier',
    password: randomUUID(),
    database: 'postgres',
    caFile,
  };
  const env = await unpackedEnvironment(unpacked);
  await mkdir(String(sockets));
  await writeFile(String(passwordFile), service.password);
  await chmod(keyFile, 0o600);
  const [program, ...args] = asOtherThanRoot([
    join(programs, 'initdb'),
    `--pgdata=${data}`,
    `--username=${service.user}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--no-locale',
    '--no-sync',
  ]);
  await run(program, args, { cwd: folder, env });
  await writeFile(
    join(String(data), 'pg_hba.conf'),
    `hostnossl all secured 127.0.0.1/32 reject\nhost all all 127.0.0.1/32 scram-sha-256\n`,
  );
  await appendFile(
    join(String(data), 'postgresql.conf'),
    Object.entries({
      listen_addresses: service.host,
      port: String(port),
      unix_socket_directories: String(sockets),
      ssl: 'on',
      ssl_cert_file: certificateFile,
      ssl_key_file: keyFile,
      max_connections: '20',
      // small and quick rather than safe: the data is worth nothing after the test
      fsync: 'off',
      shared_buffers: '16MB',
      jit: 'off',
    })
      .map(([name, value]) => `${name} = '${value}'\n`)
      .join(''),
  );
  const lifecycle = await launch({
    name: postgres.name,
    folder,
    command: asOtherThanRoot([join(programs, 'postgres'), '-D', String(data)]),
    env,
    isReady: () => isReady(service),
    // it would wait for its clients to leave
    graceMs: 3_000,
  });
  return { ...service, ...lifecycle };
}

async function isReady({ host, port, user, password, database }: PostgresEndpoint): Promise<boolean> {
  const client = new Client({ host, port, user, password, database, connectionTimeoutMillis: 2_000 });
  await client.connect();
  await client.end();
  return true;
}
