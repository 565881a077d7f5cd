import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import axios from 'axios';
import * as z from 'zod/mini';

import { installOnce, type Service } from './cache.ts';
import { launch, serviceFolder } from './child.ts';
import { buildGo } from './go.ts';
import { freePorts } from './ports.ts';
import { fromEnvironment, type Lifecycle } from './service.ts';

const VERSION = '1.37.2';

/** The makers' own receiver of InfluxDB 2's write API, since no InfluxDB 2 server is to be had as a package. */
export const telegraf: Service = {
  name: 'telegraf',
  version: VERSION,
  buildTools: ['go'],
  runTools: [],
  install: (folder) =>
    buildGo({
      folder,
      output: 'telegraf',
      package: 'github.com/influxdata/telegraf/cmd/telegraf',
      module: `module telegraf\n\ngo 1.25.5\n\nrequire github.com/influxdata/telegraf v${VERSION}\n`,
      flags: ['-tags', 'custom,inputs.influxdb_v2_listener,outputs.file,serializers.json,parsers.influx'],
    }),
};

const endpoint = z.object({
  /** `http://127.0.0.1:<port>`, with `/api/v2/write`; any organisation will do, and any bucket. */
  url: z.string(),
  token: z.string(),
  /** Where the points arrive, one JSON object per line, shortly after the write was answered. */
  pointsFile: z.string(),
});

const point = z.object({
  name: z.string(),
  /** With the bucket as `bucket`. */
  tags: z.record(z.string(), z.string()),
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  /** Nanoseconds since the epoch, as exactly as a JavaScript number can be. */
  timestamp: z.number(),
});

export type TelegrafEndpoint = Readonly<z.infer<typeof endpoint>>;
export type Point = Readonly<z.infer<typeof point>>;

export interface TelegrafService extends TelegrafEndpoint, Lifecycle {
  /** The points that have arrived so far, in order of arrival. */
  readonly points: () => Promise<readonly Point[]>;
}

/** Starts a receiver of line protocol. */
export async function startTelegraf(): Promise<TelegrafService> {
  const found = fromEnvironment(telegraf, endpoint);
  if (found !== undefined) return withPoints(found);

  const program = join(await installOnce(telegraf), 'telegraf');
  const folder = await serviceFolder('telegraf');
  const [port] = await freePorts(1);
  const service: TelegrafEndpoint = {
    url: `http://127.0.0.1:${port}`,
    token: randomUUID(),
    pointsFile: join(folder, 'points.jsonl'),
  };
  const configuration = join(folder, 'telegraf.conf');
  await writeFile(service.pointsFile, '');
  await writeFile(
    configuration,
    `[agent]
flush_interval = "100ms"
omit_hostname = true
[[inputs.influxdb_v2_listener]]
service_address = "127.0.0.1:${port}"
token = "${service.token}"
bucket_tag = "bucket"
[[outputs.file]]
files = ["${service.pointsFile}"]
data_format = "json"
json_timestamp_units = "1ns"
`,
  );
  const lifecycle = await launch({
    name: telegraf.name,
    folder,
    command: [program, '--config', configuration, '--quiet'],
    isReady: () => isReady(service),
  });
  return withPoints({ ...service, ...lifecycle });
}

async function isReady({ url, token }: TelegrafEndpoint): Promise<boolean> {
  await axios.get(`${url}/api/v2/ready`, {
    headers: { Authorization: `Token ${token}` },
    timeout: 2_000,
    proxy: false,
  });
  return true;
}

function withPoints(service: TelegrafEndpoint & Lifecycle): TelegrafService {
  return {
    ...service,
    points: async () => {
      const lines = (await readFile(service.pointsFile, 'utf8')).split('\n');
      // what follows the last line end is a line that is still being written
      return lines.slice(0, -1).map((line) => point.parse(JSON.parse(line)));
    },
  };
}
