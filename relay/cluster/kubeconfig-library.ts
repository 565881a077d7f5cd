import http from 'node:http';
import https from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import type { ClusterAccess, ClusterCredentials } from './api-client.ts';
import type { KubeconfigChoice } from './kubeconfig.ts';

/** Access with all that the Kubernetes library knows: plugins, proxies, merged files. @throws {Error} for the user. */
export function libraryAccess(choice: KubeconfigChoice): ClusterAccess {
  let config = load(choice);
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    throw new Error(
      `the kubeconfig names no cluster for context "${config.currentContext}"; set KUBECONFIG or its current-context`,
    );
  }
  // An agent of this kind means that the kubeconfig asks for nothing special, and the relay's own will do.
  const isPlain = (agent: unknown): boolean =>
    agent instanceof http.Agent && [http.Agent.prototype, https.Agent.prototype].includes(Object.getPrototypeOf(agent));
  return {
    description: `${withoutLogin(cluster.server)} (context ${config.currentContext})`,
    async credentials(refused) {
      // A new KubeConfig forgets the tokens that plugins gave the old one.
      if (refused) config = load(choice);
      const options: https.RequestOptions = {};
      await applyTo(options, config);
      const { ca, cert, key, rejectUnauthorized, servername, agent, auth } = options;
      const basic = typeof auth === 'string' && { authorization: `Basic ${Buffer.from(auth).toString('base64')}` };
      const tls: ClusterCredentials['tls'] = {
        ...(ca !== undefined && { ca }),
        ...(cert !== undefined && { cert }),
        ...(key !== undefined && { key }),
        ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
        ...(servername !== undefined && { servername }),
      };
      return {
        server: new URL(config.getCurrentCluster()?.server ?? cluster.server),
        headers: { ...textHeaders(options.headers), ...basic },
        tls,
        ...(agent instanceof http.Agent && !isPlain(agent) && { agent }),
        secrets: [config.getCurrentCluster()?.proxyUrl ?? ''],
      };
    },
  };
}

async function applyTo(options: https.RequestOptions, config: KubeConfig): Promise<void> {
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    // It quotes what could not be parsed, which may be a token.
    if (error instanceof SyntaxError) throw new Error('the credential plugin of the kubeconfig printed no JSON');
    throw error;
  }
}

function withoutLogin(server: string): string {
  return server.replace(/^(https?:\/\/)[^/?#]*@/i, '$1');
}

function load({ file, context }: KubeconfigChoice): KubeConfig {
  const config = new KubeConfig();
  try {
    if (file === undefined) config.loadFromDefault();
    else config.loadFromFile(file);
  } catch (error) {
    // It quotes the lines around the mistake, which may be a token's.
    if (error instanceof Error && error.name === 'YAMLException') {
      throw new Error(`${file ?? 'a file that KUBECONFIG names'} is not YAML: kubectl config view says where`);
    }
    throw error;
  }
  if (context !== undefined) {
    if (config.getContextObject(context) === null) throw new Error(`the kubeconfig has no context "${context}"`);
    config.setCurrentContext(context);
  }
  // The library refuses plain http unless certificates are not checked, of which plain http has none.
  config.clusters = config.clusters.map((each) =>
    each.server.startsWith('http:') ? { ...each, skipTLSVerify: true } : each,
  );
  return config;
}

function textHeaders(headers: https.RequestOptions['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers ?? {}).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name.toLowerCase(), value]] : [],
    ),
  );
}
