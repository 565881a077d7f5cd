import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import * as z from 'zod/mini';

import { installOnce, type Service } from './cache.ts';
import { installJava, javaHome } from './java.ts';
import { unpackMavenZip } from './maven.ts';
import { SEARCH_SERVER_TOOLS, startSearchServer, type Settings } from './search-server.ts';
import { fromEnvironment, type Lifecycle } from './service.ts';

const VERSION = '3.8.0';
/** The distribution that OpenSearch publishes for integration tests: without the security plugin. */
export const opensearch: Service = {
  name: 'opensearch',
  version: VERSION,
  buildTools: ['mvn', 'python3'],
  runTools: SEARCH_SERVER_TOOLS,
  install: async (folder) => {
    await unpackMavenZip(folder, `org.opensearch.distribution.integ-test-zip:opensearch:${VERSION}`);
    await installJava(folder);
    // its Thai analyzer needs locale data that this Java leaves out; the standard analyzer is part of the core
    await rm(join(folder, 'modules', 'analysis-common'), { recursive: true });
  },
};

const endpoint = z.object({
  /** `http://127.0.0.1:<port>`, open to everyone */
  url: z.string(),
});

export type OpensearchEndpoint = Readonly<z.infer<typeof endpoint>>;

export interface OpensearchService extends OpensearchEndpoint, Lifecycle {}

export interface OpensearchOptions {
  /** Further settings of the node. */
  readonly settings?: Settings;
}

/** Starts a node without security. */
export async function startOpensearch(options: OpensearchOptions = {}): Promise<OpensearchService> {
  const found = fromEnvironment(opensearch, endpoint);
  if (found !== undefined) return found;

  const home = await installOnce(opensearch);
  return startSearchServer({
    name: opensearch.name,
    home,
    program: 'opensearch',
    prefix: 'OPENSEARCH',
    javaHome: javaHome(home),
    // the shipped options ask for a module of Java's that is left out here
    jvmOptions: [
      `-javaagent:${join(home, 'agent', 'opensearch-agent.jar')}`,
      '--add-opens=java.base/java.nio=ALL-UNNAMED',
    ],
    settings: options.settings ?? {},
    files: {},
  });
}
