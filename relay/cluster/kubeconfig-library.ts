import http from 'node:http';
import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { textsOf } from '../../functions/core/contract/untrusted.ts';

/** What only the Kubernetes library knows: tokens of an `auth-provider`, and connections through a SOCKS proxy. */
export interface LibraryOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly agent: http.Agent | undefined;
}

/** @param authProvider the user's field, if it has one. @param proxyUrl the cluster's field, if it has one. */
export function libraryOptions(
  server: URL,
  authProvider: unknown,
  proxyUrl: string | undefined,
): (refused: boolean) => Promise<LibraryOptions> {
  let config = load();

  function load(): KubeConfig {
    const loaded = new KubeConfig();
    loaded.loadFromClusterAndUser(
      // TLS is the caller's; the library refuses plain http unless certificates are not checked.
      { name: 'cluster', server: server.href, skipTLSVerify: true, ...(proxyUrl !== undefined && { proxyUrl }) },
      { name: 'user', authProvider },
    );
    return loaded;
  }

  return async (refused) => {
    // A new one forgets the tokens that the old one had.
    if (refused) config = load();
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const headers = Object.entries(textsOf(options.headers)).map(([name, value]) => [name.toLowerCase(), value]);
    const { agent } = options;
    return {
      headers: Object.fromEntries(headers),
      agent: proxyUrl !== undefined && agent instanceof http.Agent ? agent : undefined,
    };
  };
}
