/**
 * Installs every service that the integration tests use and this machine has the tools for, so that no test waits for it.
 * Run as `node test/support/services/install.ts`; with names, only those.
 */
import { alertmanager } from './alertmanager.ts';
import { installOnce, type Service } from './cache.ts';
import { cfnLint } from './cfn-lint.ts';
import { chromium } from './chromium.ts';
import { clickhouse } from './clickhouse.ts';
import { elasticsearch } from './elasticsearch.ts';
import { ferretdb } from './ferretdb.ts';
import { helm } from './helm.ts';
import { influxdb } from './influxdb.ts';
import { kafka } from './kafka.ts';
import { kube } from './kube.ts';
import { mariadb } from './mariadb.ts';
import { moto } from './moto.ts';
import { opensearch } from './opensearch.ts';
import { otelCollector } from './otel-collector.ts';
import { postgres } from './postgres.ts';
import { requireService } from './service.ts';
import { telegraf } from './telegraf.ts';
import { trino } from './trino.ts';
import { victorialogs } from './victorialogs.ts';

/** Those that take minutes come first, then what mostly waits for downloads, so that both lanes end at about the same time. */
const ALL: readonly Service[] = [
  kube,
  helm,
  otelCollector,
  kafka,
  elasticsearch,
  opensearch,
  chromium,
  trino,
  mariadb,
  postgres,
  influxdb,
  telegraf,
  ferretdb,
  alertmanager,
  victorialogs,
  cfnLint,
  moto,
  clickhouse,
];
const LANES = 2;

const names = process.argv.slice(2);
const unknown = names.filter((name) => !ALL.some((service) => service.name === name));
if (unknown.length > 0) {
  console.error(`no such service: ${unknown.join(', ')}; there are ${ALL.map((service) => service.name).join(', ')}`);
  process.exit(2);
}

const queue = ALL.filter((service) => names.length === 0 || names.includes(service.name));
await Promise.all(Array.from({ length: LANES }, lane));

async function lane(): Promise<void> {
  for (let service = queue.shift(); service !== undefined; service = queue.shift()) await install(service);
}

async function install(service: Service): Promise<void> {
  const started = Date.now();
  try {
    if (!requireService(service)) return;
    await installOnce(service);
    console.log(`${service.name} ${service.version}: ready after ${((Date.now() - started) / 1000).toFixed(1)} s`);
  } catch (error) {
    console.error(`${service.name} ${service.version}: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
