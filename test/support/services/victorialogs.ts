import { join } from 'node:path';

import axios from 'axios';
import * as z from 'zod/mini';

import { installOnce, type Service } from './cache.ts';
import { launch, serviceFolder } from './child.ts';
import { buildGo } from './go.ts';
import { freePorts } from './ports.ts';
import { fromEnvironment, type Lifecycle } from './service.ts';

const VERSION = '1.52.1';
const MODULE = 'github.com/VictoriaMetrics/VictoriaLogs';

/** VictoriaLogs, which takes what Loki, Splunk's HTTP Event Collector and Datadog take; none of these is a program that Go modules give. */
export const victorialogs: Service = {
  name: 'victorialogs',
  version: VERSION,
  buildTools: ['go'],
  runTools: [],
  install: (folder) =>
    buildGo({
      folder,
      output: 'victoria-logs',
      package: `${MODULE}/app/victoria-logs`,
      module: `module build\n\ngo 1.25.5\n\nrequire ${MODULE} v${VERSION}\n`,
    }),
};

const endpoint = z.object({
  /** `http://127.0.0.1:<port>`, with `/insert/loki/api/v1/push`, `/insert/splunk/services/collector/event` and `/insert/datadog/api/v2/logs` */
  url: z.string(),
});

export type VictorialogsEndpoint = Readonly<z.infer<typeof endpoint>>;

const row = z.record(z.string(), z.string());

export interface VictorialogsService extends VictorialogsEndpoint, Lifecycle {
  /** What it holds, an entry a row: its time, stream and message as `_time`, `_stream` and `_msg`, its metadata by their names. */
  readonly rows: () => Promise<readonly z.infer<typeof row>[]>;
}

/** Starts one that keeps what is old. */
export async function startVictorialogs(): Promise<VictorialogsService> {
  const found = fromEnvironment(victorialogs, endpoint);
  if (found !== undefined) return withRows(found);

  const program = join(await installOnce(victorialogs), 'victoria-logs');
  const folder = await serviceFolder('victorialogs');
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const lifecycle = await launch({
    name: victorialogs.name,
    folder,
    command: [
      program,
      `-httpListenAddr=127.0.0.1:${port}`,
      `-storageDataPath=${join(folder, 'data')}`,
      '-retentionPeriod=100y',
    ],
    isReady: async () => (await axios.get(`${url}/health`, { timeout: 2_000, proxy: false })).status === 200,
  });
  return withRows({ url, ...lifecycle });
}

function withRows(service: VictorialogsEndpoint & Lifecycle): VictorialogsService {
  const { url } = service;
  return {
    ...service,
    async rows() {
      // What was taken is searchable within a second, or at once after this.
      await axios.get(`${url}/internal/force_flush`, { proxy: false });
      const { data } = await axios.post(`${url}/select/logsql/query`, new URLSearchParams({ query: '*' }), {
        proxy: false,
        responseType: 'text',
        transformResponse: [],
      });
      return String(data)
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => row.parse(JSON.parse(line)));
    },
  };
}
