import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import type { ClusterAccess, ClusterCredentials } from './api-client.ts';
import { recordOf, textOf } from '../../functions/core/contract/untrusted.ts';

export interface KubeconfigChoice {
  /** A file; by default what KUBECONFIG names, or ~/.kube/config. */
  readonly file?: string;
  /** By default the file's current context. */
  readonly context?: string;
}

/** What of a cluster and a user needs no more than reading files. The rest (plugins, proxies, ...) is the library's. */
const PLAIN_CLUSTER = [
  'server',
  'certificate-authority',
  'certificate-authority-data',
  'insecure-skip-tls-verify',
  'tls-server-name',
  'extensions',
];
const PLAIN_USER = [
  'token',
  'tokenFile',
  'client-certificate',
  'client-certificate-data',
  'client-key',
  'client-key-data',
];

/**
 * Access as kubectl has it on this machine. The Kubernetes library takes a tenth of the relay's memory, so it is loaded
 * only for kubeconfigs that need it: with plugins, proxies, or in several files.
 * @throws {Error} with a sentence for the user if there is no such file, context or cluster.
 */
export async function kubeconfigAccess(choice: KubeconfigChoice = {}): Promise<ClusterAccess> {
  const plain = await plainAccess(choice);
  if (plain !== undefined) return plain;
  const { libraryAccess } = await import('./kubeconfig-library.ts');
  return libraryAccess(choice);
}

async function plainAccess({ file, context }: KubeconfigChoice): Promise<ClusterAccess | undefined> {
  const path = file ?? (process.env['KUBECONFIG'] || join(homedir(), '.kube', 'config'));
  if (file === undefined && path.includes(delimiter)) return undefined;
  const config = await readConfig(path);
  const contextName = context ?? textOf(config['current-context']);
  const chosen = named(config['contexts'], contextName, 'context');
  if (chosen === undefined) {
    throw new Error(`the kubeconfig ${path} has no context "${contextName}"; choose one, or set its current-context`);
  }
  const cluster = named(config['clusters'], textOf(chosen['cluster']), 'cluster');
  const server = URL.parse(textOf(cluster?.['server']));
  if (cluster === undefined || server === null) {
    throw new Error(`the kubeconfig ${path} names no cluster with a server for context "${contextName}"`);
  }
  const user = named(config['users'], textOf(chosen['user']), 'user') ?? {};
  if (!hasOnly(cluster, PLAIN_CLUSTER) || !hasOnly(user, PLAIN_USER)) return undefined;

  const folder = dirname(resolve(path));
  /** A value that stands in the kubeconfig in base64, or in a file beside it. */
  async function material(fields: Readonly<Record<string, unknown>>, name: string): Promise<Buffer | undefined> {
    const data = textOf(fields[`${name}-data`]);
    if (data !== '') return Buffer.from(data, 'base64');
    const at = textOf(fields[name]);
    return at === '' ? undefined : readFile(resolve(folder, at));
  }
  return {
    description: `${server.origin}${server.pathname} (context ${contextName})`,
    async credentials() {
      const [ca, cert, key] = await Promise.all([
        material(cluster, 'certificate-authority'),
        material(user, 'client-certificate'),
        material(user, 'client-key'),
      ]);
      const tokenFile = textOf(user['tokenFile']);
      const token =
        tokenFile === '' ? textOf(user['token']) : (await readFile(resolve(folder, tokenFile), 'utf8')).trim();
      const servername = textOf(cluster['tls-server-name']);
      const tls: ClusterCredentials['tls'] = {
        ...(ca !== undefined && { ca }),
        ...(cert !== undefined && { cert }),
        ...(key !== undefined && { key }),
        ...(cluster['insecure-skip-tls-verify'] === true && { rejectUnauthorized: false }),
        ...(servername !== '' && { servername }),
      };
      return { server, headers: token === '' ? {} : { authorization: `Bearer ${token}` }, tls };
    },
  };
}

async function readConfig(path: string): Promise<Readonly<Record<string, unknown>>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new Error(`there is no kubeconfig to read at ${path}; set KUBECONFIG`, { cause: error });
  }
  try {
    return recordOf(parse(text));
  } catch (error) {
    throw new Error(`the kubeconfig ${path} is not YAML`, { cause: error });
  }
}

/** The entry of this name in one of a kubeconfig's lists (`contexts: [{name, context}]`). */
function named(list: unknown, name: string, field: string): Readonly<Record<string, unknown>> | undefined {
  const entry = Array.isArray(list) ? list.map(recordOf).find((each) => each['name'] === name) : undefined;
  return entry === undefined ? undefined : recordOf(entry[field]);
}

function hasOnly(fields: Readonly<Record<string, unknown>>, known: readonly string[]): boolean {
  return Object.entries(fields).every(([name, value]) => known.includes(name) || value === undefined || value === null);
}
