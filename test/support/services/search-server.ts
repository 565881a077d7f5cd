import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import axios from 'axios';

import { launch, serviceFolder } from './child.ts';
import { asOtherThanRoot, OTHER_USER_TOOLS } from './other-user.ts';
import { freePorts } from './ports.ts';
import type { Lifecycle } from './service.ts';

/** What Elasticsearch and OpenSearch differ in, for starting one. */
export interface SearchServer {
  readonly name: string;
  /** Where it is installed, and the program to start within that. */
  readonly home: string;
  readonly program: string;
  /** Prefix of its environment variables. */
  readonly prefix: 'ES' | 'OPENSEARCH';
  readonly javaHome: string;
  readonly jvmOptions: readonly string[];
  /** Lines of its main configuration file beside the common ones. */
  readonly settings: Settings;
  /** Further files of its configuration folder, by name. */
  readonly files: Readonly<Record<string, string>>;
  readonly auth?: { readonly username: string; readonly password: string };
}

export type Settings = Readonly<Record<string, string | number | boolean>>;

export const SEARCH_SERVER_TOOLS = ['bash', ...OTHER_USER_TOOLS];

/** Starts a single node on loopback and returns its URL; it is ready when an index can be created. */
export async function startSearchServer(server: SearchServer): Promise<{ readonly url: string } & Lifecycle> {
  const folder = await serviceFolder(server.name);
  const configuration = join(folder, 'config');
  const temporary = join(folder, 'tmp');
  await mkdir(configuration);
  await mkdir(temporary);
  await copyFile(join(server.home, 'config', 'log4j2.properties'), join(configuration, 'log4j2.properties'));

  const [port, transportPort] = await freePorts(2);
  const settings: Settings = {
    'discovery.type': 'single-node',
    'http.host': '127.0.0.1',
    'http.port': Number(port),
    'transport.host': '127.0.0.1',
    'transport.port': Number(transportPort),
    'path.data': join(folder, 'data'),
    'path.logs': join(folder, 'logs'),
    // a test machine's full disk is no reason to refuse writes
    'cluster.routing.allocation.disk.threshold_enabled': false,
    ...server.settings,
  };
  const files = {
    [`${server.name}.yml`]: lines(Object.entries(settings).map(([key, value]) => `${key}: ${JSON.stringify(value)}`)),
    'jvm.options': lines([
      '-Xms256m',
      '-Xmx256m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      `-Djava.io.tmpdir=${temporary}`,
      ...server.jvmOptions,
    ]),
    ...server.files,
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(configuration, name), content);

  const url = `http://127.0.0.1:${port}`;
  const lifecycle = await launch({
    name: server.name,
    folder,
    command: asOtherThanRoot([join(server.home, 'bin', server.program)]),
    env: {
      [`${server.prefix}_PATH_CONF`]: configuration,
      [`${server.prefix}_TMPDIR`]: temporary,
      [`${server.prefix}_JAVA_HOME`]: server.javaHome,
    },
    isReady: () => isReady(url, server.auth),
  });
  return { url, ...lifecycle };
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}

async function isReady(url: string, auth: SearchServer['auth']): Promise<boolean> {
  const health = `${url}/_cluster/health?wait_for_status=yellow&wait_for_no_initializing_shards=true&timeout=1s`;
  await axios.get(health, { timeout: 3_000, proxy: false, ...(auth === undefined ? {} : { auth }) });
  return true;
}
