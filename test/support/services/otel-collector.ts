import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import axios, { isAxiosError } from 'axios';
import * as z from 'zod/mini';

import { installOnce, type Service } from './cache.ts';
import { launch, serviceFolder } from './child.ts';
import { buildGo, type Go } from './go.ts';
import { freePorts } from './ports.ts';
import { fromEnvironment, type Lifecycle } from './service.ts';

const VERSION = '0.165.0';
/** How often the exporter writes what it holds. */
const FLUSH_MS = 50;

/** OpenTelemetry's collector with nothing but OTLP's receiver and an exporter into a file. */
export const otelCollector: Service = {
  name: 'otel-collector',
  version: VERSION,
  buildTools: ['go'],
  runTools: [],
  install: (folder) => buildGo({ folder, output: 'otelcol', module: generated }),
};

/** The makers' builder writes the program; it is compiled here, because the builder wants modules that only tests need. */
async function generated(go: Go, source: string): Promise<string> {
  const manifest = join(source, 'builder.yaml');
  await writeFile(
    manifest,
    `dist: {name: otelcol, module: build, output_path: ${source}}
receivers: [{gomod: go.opentelemetry.io/collector/receiver/otlpreceiver v${VERSION}}]
exporters: [{gomod: github.com/open-telemetry/opentelemetry-collector-contrib/exporter/fileexporter v${VERSION}}]
`,
  );
  const builder = `go.opentelemetry.io/collector/cmd/builder@v${VERSION}`;
  // It has written everything when it stops at `go mod tidy`; where it has not, there is no go.mod to read.
  await go('run', builder, `--config=${manifest}`, '--skip-compilation').catch(() => {});
  return readFile(join(source, 'go.mod'), 'utf8');
}

const endpoint = z.object({
  /** `http://127.0.0.1:<port>`, with `/v1/logs` */
  url: z.string(),
  /** Where the requests arrive, one as JSON per line, shortly after they were answered. */
  file: z.string(),
});

export type OtelCollectorEndpoint = Readonly<z.infer<typeof endpoint>>;

const attribute = z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) });

const written = z.object({
  resourceLogs: z.array(
    z.object({
      resource: z.object({ attributes: z.array(attribute) }),
      scopeLogs: z.array(z.object({ logRecords: z.array(z.looseObject({ attributes: z.array(attribute) })) })),
    }),
  ),
});

export interface OtelCollectorService extends OtelCollectorEndpoint, Lifecycle {
  /** The requests that have arrived so far. */
  readonly requests: () => Promise<readonly z.infer<typeof written>[]>;
}

/** Starts one that writes what it gets into a file. */
export async function startOtelCollector(): Promise<OtelCollectorService> {
  const found = fromEnvironment(otelCollector, endpoint);
  if (found !== undefined) return withRequests(found);

  const program = join(await installOnce(otelCollector), 'otelcol');
  const folder = await serviceFolder('otel-collector');
  const [port] = await freePorts(1);
  const service = { url: `http://127.0.0.1:${port}`, file: join(folder, 'logs.jsonl') };
  const configuration = join(folder, 'collector.yaml');
  await writeFile(
    configuration,
    `receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:${port}"}}}}
exporters: {file: {path: ${service.file}, flush_interval: ${FLUSH_MS}ms}}
service: {telemetry: {metrics: {level: none}}, pipelines: {logs: {receivers: [otlp], exporters: [file]}}}
`,
  );
  const lifecycle = await launch({
    name: otelCollector.name,
    folder,
    command: [program, `--config=${configuration}`],
    isReady: () => isReady(service.url),
  });
  return withRequests({ ...service, ...lifecycle });
}

/** It answers 405 to a GET. */
async function isReady(url: string): Promise<boolean> {
  try {
    await axios.get(`${url}/v1/logs`, { timeout: 2_000, proxy: false });
    return false;
  } catch (error) {
    return isAxiosError(error) && error.response?.status === 405;
  }
}

function withRequests(service: OtelCollectorEndpoint & Lifecycle): OtelCollectorService {
  return {
    ...service,
    async requests() {
      await sleep(2 * FLUSH_MS);
      return (await readFile(service.file, 'utf8'))
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => written.parse(JSON.parse(line)));
    },
  };
}
