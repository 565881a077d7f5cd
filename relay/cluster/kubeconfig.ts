import { readFile } from 'node:fs/promises';
import type http from 'node:http';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { isRecord, listOf, recordOf, textOf, textsOf } from '../../functions/core/contract/untrusted.ts';
import { createAgent, proxiesOf, proxyName, type ProxyFor } from '../proxy.ts';
import type { ClusterAccess, ClusterCredentials } from './api-client.ts';
import { createExecPlugin, type ExecPlugin } from './exec-plugin.ts';
import {
  type Kubeconfig,
  type KubeconfigEntry,
  kubeconfigFiles,
  parseKubeconfig,
  readTexts,
} from './kubeconfig-file.ts';
import type { LibraryOptions } from './kubeconfig-library.ts';

export interface KubeconfigChoice {
  /** A file; by default what KUBECONFIG names, or ~/.kube/config. */
  readonly file?: string;
  /** By default the files' current context. */
  readonly context?: string;
  /** How long a credential plugin may take, where the default will not do. */
  readonly pluginLimitMs?: number;
}

/** A context's cluster and user as the files have them now, with what was made of them. */
interface Place {
  readonly server: URL;
  readonly cluster: KubeconfigEntry;
  readonly user: KubeconfigEntry;
  /** The kubeconfig's proxy, else the environment's. */
  readonly proxy: URL | undefined;
  readonly plugin: ExecPlugin | undefined;
  readonly library: ((refused: boolean) => Promise<LibraryOptions>) | undefined;
}

/**
 * Access as kubectl has it on this machine, always to the context that was chosen at first. Files are followed when they
 * change; while they cannot be read, what they said last holds, unless the server refuses it.
 * @param env `KUBECONFIG`, and the proxies where the kubeconfig names none.
 * @throws {Error} with a sentence for the user if there is no such file, context or cluster.
 */
export async function kubeconfigAccess(
  choice: KubeconfigChoice = {},
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<ClusterAccess> {
  const files = kubeconfigFiles(choice.file, env);
  const proxyFor = proxiesOf(env);
  const agents = new Map<string, http.Agent>();
  let texts = await readTexts(files);
  const first = parseKubeconfig(texts);
  const context = choice.context ?? first.currentContext;
  const placeIn = (config: Kubeconfig): Promise<Place> =>
    placeOf(config, context, files.paths.join(', '), proxyFor, choice.pluginLimitMs);
  let place = await placeIn(first);

  async function follow(): Promise<void> {
    const next = await readTexts(files);
    if (isDeepStrictEqual(next, texts)) return;
    const found = await placeIn(parseKubeconfig(next));
    place.plugin?.close();
    texts = next;
    place = found;
  }

  /** One agent for each proxy, so that connections are kept. */
  function agentOf({ server, proxy }: Place): http.Agent | undefined {
    if (proxy === undefined) return undefined;
    const key = `${server.protocol} ${proxy.href}`;
    const agent = agents.get(key) ?? createAgent(server.protocol, proxy);
    agents.set(key, agent);
    return agent;
  }

  return {
    description: `${place.server.origin}${place.server.pathname} (context ${context})`,
    waitsFor: () => (place.plugin?.isRunning === true ? place.plugin.name : undefined),
    close() {
      place.plugin?.close();
      for (const agent of agents.values()) agent.destroy();
    },
    async credentials(refused) {
      await follow().catch((error: unknown) => {
        if (refused) throw error;
      });
      return credentialsOf(place, agentOf(place), refused);
    },
  };
}

async function placeOf(
  config: Kubeconfig,
  context: string,
  where: string,
  proxyFor: ProxyFor,
  pluginLimitMs: number | undefined,
): Promise<Place> {
  const chosen = config.contexts.get(context)?.fields;
  if (chosen === undefined) {
    throw new Error(`the kubeconfig ${where} has no context "${context}"; choose one, or set its current-context`);
  }
  const cluster = config.clusters.get(textOf(chosen['cluster']));
  const server = URL.parse(textOf(cluster?.fields['server']));
  if (cluster === undefined || server === null) {
    throw new Error(`the kubeconfig ${where} names no cluster with a server for context "${context}"`);
  }
  const user = config.users.get(textOf(chosen['user'])) ?? { fields: {}, folder: cluster.folder };
  const proxyUrl = textOf(cluster.fields['proxy-url']);
  const isSocks = proxyUrl.startsWith('socks');
  const authProvider = user.fields['auth-provider'];
  // The Kubernetes library takes a tenth of the relay's memory: it is loaded only where it is needed.
  const library =
    isSocks || isRecord(authProvider)
      ? (await import('./kubeconfig-library.ts')).libraryOptions(server, authProvider, isSocks ? proxyUrl : undefined)
      : undefined;
  return {
    server,
    cluster,
    user,
    proxy: isSocks ? undefined : proxyOf(server, proxyUrl, proxyFor),
    plugin: isRecord(user.fields['exec'])
      ? createExecPlugin(user, () => clusterInfo(server, cluster), pluginLimitMs)
      : undefined,
    library,
  };
}

/** As kubectl: the kubeconfig's proxy goes first, and a server on this machine needs none from the environment. */
function proxyOf(server: URL, proxyUrl: string, proxyFor: ProxyFor): URL | undefined {
  if (proxyUrl === '') {
    const isHere = server.hostname === 'localhost' || /^127(\.\d+){3}$|^\[::1\]$/.test(server.hostname);
    return isHere ? undefined : proxyFor(server);
  }
  const proxy = URL.parse(proxyUrl);
  if (proxy === null || !['http:', 'https:'].includes(proxy.protocol)) {
    throw new Error("the kubeconfig's proxy-url is no address: it must be like http://proxy.example.com:3128");
  }
  return proxy;
}

async function credentialsOf(
  { server, cluster, user, proxy, plugin, library }: Place,
  agent: http.Agent | undefined,
  refused: boolean,
): Promise<ClusterCredentials> {
  const [ca, cert, key] = await Promise.all([
    material(cluster, 'certificate-authority'),
    material(user, 'client-certificate'),
    material(user, 'client-key'),
  ]);
  const own = await ownAuthorization(user);
  const given = own === '' ? await plugin?.credential(refused) : undefined;
  const fromLibrary = await library?.(refused);
  const authorization = given === undefined || given.token === '' ? own : `Bearer ${given.token}`;
  const servername = textOf(cluster.fields['tls-server-name']);
  const certificate = cert ?? (given?.clientCertificate || undefined);
  const privateKey = key ?? (given?.clientKey || undefined);
  // A SOCKS proxy is the library's.
  const via = proxy ?? URL.parse(textOf(cluster.fields['proxy-url']));
  const through = agent ?? fromLibrary?.agent;
  return {
    server,
    headers: {
      ...fromLibrary?.headers,
      ...(authorization !== '' && { authorization }),
      ...impersonation(user),
    },
    tls: {
      ...(ca !== undefined && { ca }),
      ...(certificate !== undefined && { cert: certificate }),
      ...(privateKey !== undefined && { key: privateKey }),
      ...(cluster.fields['insecure-skip-tls-verify'] === true && { rejectUnauthorized: false }),
      ...(servername !== '' && { servername }),
    },
    ...(through !== undefined && { agent: through }),
    // A proxy's URL may hold a login, that of a SOCKS proxy too.
    ...(via !== null && { proxy: proxyName(via), secrets: [proxy?.href ?? textOf(cluster.fields['proxy-url'])] }),
  };
}

/** A value that stands in the kubeconfig in base64, or in a file beside it. */
async function material({ fields, folder }: KubeconfigEntry, name: string): Promise<Buffer | undefined> {
  const data = textOf(fields[`${name}-data`]);
  if (data !== '') return Buffer.from(data, 'base64');
  const at = textOf(fields[name]);
  return at === '' ? undefined : readFile(resolve(folder, at));
}

/** What the user itself says: a token in a file or as it stands, or a name and a password. Empty if none of them. */
async function ownAuthorization({ fields, folder }: KubeconfigEntry): Promise<string> {
  const file = textOf(fields['tokenFile']);
  const token = file === '' ? textOf(fields['token']) : (await readFile(resolve(folder, file), 'utf8')).trim();
  if (token !== '') return `Bearer ${token}`;
  const name = textOf(fields['username']);
  if (name === '') return '';
  return `Basic ${Buffer.from(`${name}:${textOf(fields['password'])}`).toString('base64')}`;
}

/** The headers of `as`, `as-uid`, `as-groups` and `as-user-extra`: who the request is to be taken for. */
function impersonation({ fields }: KubeconfigEntry): Readonly<Record<string, string | string[]>> {
  const name = textOf(fields['as']);
  const uid = textOf(fields['as-uid']);
  const groups = listOf(fields['as-groups']).map(textOf);
  const extra = Object.entries(recordOf(fields['as-user-extra']));
  if (name === '' && (uid !== '' || groups.length > 0 || extra.length > 0)) {
    throw new Error('the kubeconfig has as-uid, as-groups or as-user-extra without as: whom to act as is missing');
  }
  return {
    ...(name !== '' && { 'impersonate-user': name }),
    ...(uid !== '' && { 'impersonate-uid': uid }),
    ...(groups.length > 0 && { 'impersonate-group': groups }),
    ...Object.fromEntries(
      extra.map(([key, values]) => [`impersonate-extra-${escaped(key)}`, listOf(values).map(textOf)] as const),
    ),
  };
}

/** What a header's name may not hold is percent-encoded, and so is the percent sign. */
function escaped(key: string): string {
  return [...Buffer.from(key)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9!#$&'*+.^_`|~-]/.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

/** What a plugin is told about the cluster (`provideClusterInfo`). */
async function clusterInfo(server: URL, cluster: KubeconfigEntry): Promise<unknown> {
  const ca = await material(cluster, 'certificate-authority');
  const { 'tls-server-name': name, 'proxy-url': proxy } = textsOf(cluster.fields);
  const config = listOf(cluster.fields['extensions'])
    .map(recordOf)
    .find((extension) => extension['name'] === 'client.authentication.k8s.io/exec');
  return {
    server: server.href.replace(/\/$/, ''),
    ...(name !== undefined && { 'tls-server-name': name }),
    ...(cluster.fields['insecure-skip-tls-verify'] === true && { 'insecure-skip-tls-verify': true }),
    ...(ca !== undefined && { 'certificate-authority-data': ca.toString('base64') }),
    ...(proxy !== undefined && { 'proxy-url': proxy }),
    ...(config !== undefined && { config: config['extension'] }),
  };
}
