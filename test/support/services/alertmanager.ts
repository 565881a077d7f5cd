import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import axios from 'axios';
import * as z from 'zod/mini';

import { installOnce, type Service } from './cache.ts';
import { launch, serviceFolder } from './child.ts';
import { buildGo, type Go } from './go.ts';
import { freePorts } from './ports.ts';
import { fromEnvironment, type Lifecycle } from './service.ts';

const VERSION = '0.35.0';
const MODULE = 'github.com/prometheus/alertmanager';

/** Prometheus Alertmanager itself, without its user interface, which is no part of the Go module. */
export const alertmanager: Service = {
  name: 'alertmanager',
  version: VERSION,
  buildTools: ['go'],
  runTools: [],
  install: (folder) =>
    buildGo({ folder, output: 'alertmanager', package: `${MODULE}/cmd/alertmanager`, module: withoutInterface }),
};

const downloaded = z.object({ Dir: z.string() });

/** The program embeds the folder of its user interface, so that a copy of the module is built to which an empty one is added. */
async function withoutInterface(go: Go, source: string): Promise<string> {
  const { Dir } = downloaded.parse(JSON.parse(await go('mod', 'download', '-json', `${MODULE}@v${VERSION}`)));
  const copy = join(source, 'alertmanager');
  await cp(Dir, copy, { recursive: true });
  await mkdir(join(copy, 'ui/app/dist'), { recursive: true });
  await writeFile(join(copy, 'ui/app/dist/index.html'), '');
  return `module build\n\ngo 1.25.5\n\nrequire ${MODULE} v${VERSION}\n\nreplace ${MODULE} => ./alertmanager\n`;
}

const endpoint = z.object({
  /** `http://127.0.0.1:<port>`, with `/api/v2/alerts` */
  url: z.string(),
});

export type AlertmanagerEndpoint = Readonly<z.infer<typeof endpoint>>;

const alerts = z.array(
  z.object({
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()),
    startsAt: z.string(),
    endsAt: z.string(),
    generatorURL: z.optional(z.string()),
  }),
);

export interface AlertmanagerService extends AlertmanagerEndpoint, Lifecycle {
  /** The alerts that fire, as its API gives them. */
  readonly alerts: () => Promise<z.infer<typeof alerts>>;
}

/** Starts one that notifies nobody. */
export async function startAlertmanager(): Promise<AlertmanagerService> {
  const found = fromEnvironment(alertmanager, endpoint);
  if (found !== undefined) return withAlerts(found);

  const program = join(await installOnce(alertmanager), 'alertmanager');
  const folder = await serviceFolder('alertmanager');
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const configuration = join(folder, 'alertmanager.yml');
  await writeFile(configuration, 'route: {receiver: nobody}\nreceivers: [{name: nobody}]\n');
  const lifecycle = await launch({
    name: alertmanager.name,
    folder,
    command: [
      program,
      `--config.file=${configuration}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ],
    isReady: async () => (await axios.get(`${url}/-/ready`, { timeout: 2_000, proxy: false })).status === 200,
  });
  return withAlerts({ url, ...lifecycle });
}

function withAlerts(service: AlertmanagerEndpoint & Lifecycle): AlertmanagerService {
  return {
    ...service,
    alerts: async () => alerts.parse((await axios.get(`${service.url}/api/v2/alerts`, { proxy: false })).data),
  };
}
