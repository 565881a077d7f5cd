import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import axios from 'axios';
import * as z from 'zod/mini';

import { installOnce, type Service } from './cache.ts';
import { launch, serviceFolder } from './child.ts';
import { unpackDebianPackages } from './debian.ts';
import { freePorts } from './ports.ts';
import { fromEnvironment, type Lifecycle } from './service.ts';

/** InfluxDB 1 as the distribution packages it. */
export const influxdb: Service = {
  name: 'influxdb',
  version: 'debian',
  buildTools: ['apt-get', 'dpkg'],
  runTools: [],
  install: (folder) => unpackDebianPackages(folder, ['influxdb']),
};

const endpoint = z.object({
  /** `http://127.0.0.1:<port>`, with `/write` and `/query` */
  url: z.string(),
  /** An administrator. */
  username: z.string(),
  password: z.string(),
});

export type InfluxdbEndpoint = Readonly<z.infer<typeof endpoint>>;

export interface InfluxdbService extends InfluxdbEndpoint, Lifecycle {}

/** Starts a server that demands a user name and password and has no database yet. */
export async function startInfluxdb(): Promise<InfluxdbService> {
  const found = fromEnvironment(influxdb, endpoint);
  if (found !== undefined) return found;

  const unpacked = await installOnce(influxdb);
  const folder = await serviceFolder('influxdb');
  const [port, backupPort] = await freePorts(2);
  const service: InfluxdbEndpoint = { url: `http://127.0.0.1:${port}`, username: 'courier', password: randomUUID() };
  const configuration = join(folder, 'influxdb.conf');
  await writeFile(
    configuration,
    `reporting-disabled = true
bind-address = "127.0.0.1:${backupPort}"
[meta]
dir = "${join(folder, 'meta')}"
[data]
dir = "${join(folder, 'data')}"
wal-dir = "${join(folder, 'wal')}"
[http]
bind-address = "127.0.0.1:${port}"
auth-enabled = true
log-enabled = false
`,
  );
  const lifecycle = await launch({
    name: influxdb.name,
    folder,
    command: [join(unpacked, 'usr', 'bin', 'influxd'), 'run', '-config', configuration],
    isReady: () => isReady(service),
  });
  return { ...service, ...lifecycle };
}

/** The one statement that a server without users lets anyone make; repeated with the same password it changes nothing. */
async function isReady({ url, username, password }: InfluxdbEndpoint): Promise<boolean> {
  const statement = `CREATE USER ${username} WITH PASSWORD '${password}' WITH ALL PRIVILEGES`;
  await axios.post(`${url}/query`, new URLSearchParams({ q: statement }), {
    auth: { username, password },
    timeout: 2_000,
    proxy: false,
  });
  return true;
}
