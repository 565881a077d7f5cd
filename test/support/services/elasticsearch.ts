import { pbkdf2Sync, randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import * as z from 'zod/mini';

import { installOnce, type Service } from './cache.ts';
import { unpackMavenZip } from './maven.ts';
import { run } from './run.ts';
import { SEARCH_SERVER_TOOLS, startSearchServer, type Settings } from './search-server.ts';
import { fromEnvironment, type Lifecycle } from './service.ts';

const VERSION = '8.19.21';

/** The distribution that Elastic publishes for integration tests: no API keys, lifecycle policies or ingest processors. */
export const elasticsearch: Service = {
  name: 'elasticsearch',
  version: VERSION,
  buildTools: ['mvn'],
  runTools: ['java', ...SEARCH_SERVER_TOOLS],
  install: (folder) => unpackMavenZip(folder, `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${VERSION}`),
};

const endpoint = z.object({
  /** `http://127.0.0.1:<port>` */
  url: z.string(),
  /** A superuser, by basic authentication. */
  username: z.string(),
  password: z.string(),
});

export type ElasticsearchEndpoint = Readonly<z.infer<typeof endpoint>>;

export interface ElasticsearchService extends ElasticsearchEndpoint, Lifecycle {}

export interface ElasticsearchOptions {
  /** Further settings of the node, such as `indexing_pressure.memory.limit`. */
  readonly settings?: Settings;
  /**
   * Further users by name, each with a role of its own as `roles.yml` defines one, and with the superuser's password.
   * They cannot be made later: this distribution lacks what the security API needs to store them.
   */
  readonly users?: Readonly<Record<string, object>>;
}

/** Starts a node with security on. */
export async function startElasticsearch(options: ElasticsearchOptions = {}): Promise<ElasticsearchService> {
  const found = fromEnvironment(elasticsearch, endpoint);
  if (found !== undefined) return found;

  const home = await installOnce(elasticsearch);
  const auth = { username: 'courier', password: randomUUID() };
  const users = Object.entries(options.users ?? {});
  const hash = passwordHash(auth.password);
  const server = await startSearchServer({
    name: elasticsearch.name,
    home,
    program: 'elasticsearch',
    prefix: 'ES',
    javaHome: await javaHome(),
    jvmOptions: [],
    settings: {
      'xpack.security.enabled': true,
      'xpack.security.http.ssl.enabled': false,
      'xpack.security.transport.ssl.enabled': false,
      ...options.settings,
    },
    files: {
      'role_mapping.yml': await readFile(join(home, 'config', 'role_mapping.yml'), 'utf8'),
      // users in files spare the Java program that sets a password in the key store
      users: [auth.username, ...users.map(([name]) => name)].map((name) => `${name}:${hash}\n`).join(''),
      users_roles: [`superuser:${auth.username}\n`, ...users.map(([name]) => `${name}:${name}\n`)].join(''),
      'roles.yml': users.map(([name, role]) => `${name}: ${JSON.stringify(role)}\n`).join(''),
    },
    auth,
  });
  return { ...auth, ...server };
}

/** The server looks for Java in a variable only, not on the PATH. */
async function javaHome(): Promise<string> {
  const settings = await run('sh', ['-c', 'java -XshowSettings:properties -version 2>&1']);
  const home = /^\s*java\.home = (.+)$/m.exec(settings)?.[1];
  if (home === undefined) throw new Error('java does not say where it is installed');
  return home;
}

/** The PBKDF2 form of Elasticsearch's `users` file. */
function passwordHash(password: string): string {
  const rounds = 10_000;
  const salt = randomBytes(32);
  const hash = pbkdf2Sync(password, salt, rounds, 32, 'sha512');
  return `{PBKDF2}${rounds}$${salt.toString('base64')}$${hash.toString('base64')}`;
}
