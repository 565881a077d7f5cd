import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startApiServer, type ScriptedApiServer } from '../support/api-server.ts';
import { recordOf, textOf } from '../../functions/core/contract/untrusted.ts';
import { ENRICH } from '../../relay/config.ts';
import { messagesIn } from '../support/messages.ts';
import { metadataServer } from '../support/metadata-server.ts';
import { until } from '../support/relay.ts';
import {
  buildRelay,
  type BuiltRelay,
  type RelayProcess,
  spawnRelay,
  writeKubeconfig,
} from '../support/relay-process.ts';
import { type ScriptedSqs, startScriptedSqs } from '../support/scripted-sqs.ts';
import { quantile } from './table.ts';

/** One line of the report. */
interface Row {
  readonly what: string;
  readonly measured: string;
  readonly wanted: string;
}

interface Bench {
  readonly api: ScriptedApiServer;
  readonly sqs: ScriptedSqs;
  readonly relay: RelayProcess;
  /** Milliseconds from an event's write to its acceptance, of one type or of all; of all, they are forgotten then. */
  readonly take: (type?: string) => readonly number[];
  /** Events put at a steady rate for a while, with a count of how many. */
  readonly feed: (perSecond: number, seconds: number) => Promise<number>;
  /** How many distinct versions were accepted. */
  readonly accepted: () => number;
}

const MB = 1024 * 1024;
/** One event in so many is a Warning. */
const WARNING_EVERY = 20;
/** The budget in which nothing waits. */
const LATENCY_MODE = { SENDS_PER_SECOND: '1000', SENDS_BURST: '1000' };

function versionsIn(body: string): readonly string[] {
  return messagesIn(body).flatMap((message) =>
    message.kind === 'event' ? [textOf(recordOf(message.event.metadata)['resourceVersion'])] : [],
  );
}

async function withRelay(
  built: BuiltRelay,
  prepare: (api: ScriptedApiServer) => void,
  work: (bench: Bench) => Promise<void>,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'relay-bench-'));
  const api = await startApiServer();
  const sqs = await startScriptedSqs({ keep: false, delayMs: 1 });
  const born = new Map<string, { readonly type: string; readonly at: number }>();
  const seen = new Set<string>();
  let latencies: { readonly type: string; readonly ms: number }[] = [];
  sqs.onAccepted((body) => {
    const now = performance.now();
    for (const version of versionsIn(body)) {
      const event = born.get(version);
      born.delete(version);
      seen.add(version);
      if (event !== undefined) latencies.push({ type: event.type, ms: now - event.at });
    }
  });
  prepare(api);
  const kubeconfig = await writeKubeconfig(folder, api.url);
  const relay = spawnRelay(built.file, {
    KUBECONFIG: kubeconfig,
    QUEUE_URL: sqs.queueUrl,
    START_FROM: 'all',
    CURSOR: `file:${join(folder, 'cursor')}`,
    LOG_LEVEL: 'warn',
    ...settings,
  });
  let n = 0;
  const put = (): void => {
    n += 1;
    const type = n % WARNING_EVERY === 0 ? 'Warning' : 'Normal';
    const event = api.put({
      name: `pod-${n % 5000}.17d${n % 5000}`,
      type,
      message: `Back-off restarting failed container app in pod app-${n}; ${'x'.repeat(150)}`,
    });
    born.set(String(event.version), { type, at: performance.now() });
  };
  try {
    await work({
      api,
      sqs,
      relay,
      take(type) {
        const taken = latencies.filter((each) => type === undefined || each.type === type).map(({ ms }) => ms);
        if (type === undefined) latencies = [];
        return taken.toSorted((a, b) => a - b);
      },
      async feed(perSecond, seconds) {
        const start = performance.now();
        const total = Math.round(perSecond * seconds);
        for (let done = 0; done < total;) {
          const due = Math.min(total, Math.floor(((performance.now() - start) / 1000) * perSecond) + 1);
          for (; done < due; done += 1) put();
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        return total;
      },
      accepted: () => seen.size,
    });
  } finally {
    relay.kill('SIGKILL');
    await relay.exited;
    await Promise.all([api.close(), sqs.close(), rm(folder, { recursive: true, force: true })]);
  }
}

/** An API server's part that knows every pod, and that a ReplicaSet controls it. */
function anyPod(): ReturnType<typeof metadataServer> {
  const server = metadataServer({ path: '/api/v1/namespaces/default', labels: { team: 'shop' } });
  server.script((path, response) => {
    const controller = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'app-7c9', uid: 'r', controller: true };
    const metadata = {
      name: path.split('/').at(-1),
      labels: { app: 'web' },
      ...(path.includes('/pods/') && { ownerReferences: [controller] }),
    };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }));
  });
  return server;
}

function mb(bytes: number): string {
  return (bytes / MB).toFixed(0);
}

function latencyText(sorted: readonly number[]): string {
  return `p50 ${quantile(sorted, 0.5).toFixed(1)} ms, p99 ${quantile(sorted, 0.99).toFixed(1)} ms`;
}

/** Measures the relay as a process, against a scripted API server and a scripted queue on the loopback. */
export async function benchRelay({ soak }: { readonly soak: boolean }): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const report = (what: string, measured: string, wanted: string): void => {
    rows.push({ what, measured, wanted });
    process.stdout.write(`${what.padEnd(52)} ${measured.padEnd(44)} ${wanted}\n`);
  };
  const built = await buildRelay();
  const seconds = soak ? 60 : 10;
  try {
    const spawned = performance.now();
    await withRelay(
      built,
      (api) => void api.put({ name: 'first' }),
      async ({ api, accepted, feed, take, relay }) => {
        await until(() => accepted() === 1, 'the first event');
        report('start to first event', `${Math.round(performance.now() - spawned)} ms`, '< 1000 ms');
        await until(() => api.watchCount() === 1, 'the watch');
        await feed(500, 5);
        take();
        const before = accepted();
        const cpu = await relay.cpuSeconds();
        const sent = await feed(500, seconds);
        await until(() => accepted() - before >= sent, 'all');
        const ms = take();
        report('latency at 500 events/s', latencyText(ms), 'p50 < 3 ms, p99 < 15 ms');
        report(
          'CPU at 500 events/s',
          `${((((await relay.cpuSeconds()) - cpu) / sent) * 10_000).toFixed(2)} s per 10,000 events`,
          '',
        );
      },
      LATENCY_MODE,
    );
    for (const [mode, settings] of Object.entries({ 'default budget': {}, 'latency mode': LATENCY_MODE })) {
      for (const perSecond of [1, 10, 500, 2000]) {
        await withRelay(
          built,
          () => {},
          async ({ api, sqs, accepted, feed, take }) => {
            await until(() => api.watchCount() === 1, 'the watch');
            const messages = sqs.accepted;
            const sent = await feed(perSecond, Math.max(seconds, 40 / perSecond));
            await until(() => accepted() >= sent, 'all');
            const text = ['Normal', 'Warning'].map((type) => `${type} ${latencyText(take(type))}`).join('; ');
            report(
              `${perSecond} events/s, ${mode}`,
              `${text}; ${sqs.accepted - messages} messages for ${sent} events`,
              '',
            );
          },
          settings,
        );
      }
    }
    await withRelay(
      built,
      () => {},
      async ({ api, accepted, feed, relay, take }) => {
        await until(() => api.watchCount() === 1, 'the watch');
        await feed(1000, 5);
        const before = accepted();
        const cpu = await relay.cpuSeconds();
        const sent = await feed(1000, seconds);
        await until(() => accepted() - before >= sent, 'all');
        report(
          'CPU at 1,000 events/s',
          `${((((await relay.cpuSeconds()) - cpu) / sent) * 10_000).toFixed(2)} s per 10,000 events`,
          '< 1.5 s',
        );
        report('memory at 1,000 events/s', `peak ${mb((await relay.memory()).peak)} MB`, '< 96 MB');
        const ms = take();
        report('latency at 1,000 events/s', latencyText(ms), '');
        const burstFrom = accepted();
        const start = performance.now();
        for (let i = 0; i < 5000; i += 1) api.put({ name: `burst-${i}` });
        await until(() => accepted() - burstFrom >= 5000, 'the burst');
        report('burst of 5,000', `${Math.round(performance.now() - start)} ms`, '< 1000 ms');
        const sustained = accepted();
        const many = await feed(5000, seconds);
        const fed = performance.now();
        await until(() => accepted() - sustained >= many, 'the sustained load');
        report(
          '5,000 events/s sustained',
          `${Math.round(performance.now() - fed)} ms behind at the end`,
          'no growing backlog',
        );
        report('memory after 5,000 events/s', `peak ${mb((await relay.memory()).peak)} MB`, '');
      },
    );
    for (const enrich of ENRICH) {
      await withRelay(
        built,
        (api) => api.intercept(anyPod().intercept),
        async ({ api, accepted, feed, relay, take }) => {
          await until(() => api.watchCount() === 1, 'the watch');
          await feed(2000, 5);
          take();
          const before = accepted();
          const cpu = await relay.cpuSeconds();
          const sent = await feed(2000, seconds);
          await until(() => accepted() - before >= sent, 'all');
          const ms = take();
          const perTenThousand = (((await relay.cpuSeconds()) - cpu) / sent) * 10_000;
          report(
            `2,000 events/s of 5,000 pods, ENRICH=${enrich}`,
            `${latencyText(ms)}, max ${Math.round(ms.at(-1) ?? NaN)} ms; ${perTenThousand.toFixed(2)} s of CPU per 10,000; peak ${mb((await relay.memory()).peak)} MB`,
            enrich === 'labels' ? 'max < 500 ms more' : '',
          );
        },
        { ...LATENCY_MODE, ENRICH: enrich },
      );
    }
    for (const existing of [10_000, 100_000]) {
      await withRelay(
        built,
        (api) => {
          for (let i = 0; i < existing; i += 1)
            api.put({ name: `old-${i}`, message: `an old event ${'x'.repeat(150)}` });
        },
        async ({ accepted, relay }) => {
          const start = performance.now();
          await until(() => accepted() === existing, 'the list', 120_000);
          report(
            `${existing} events at start`,
            `peak ${mb((await relay.memory()).peak)} MB, ${((performance.now() - start) / 1000).toFixed(1)} s`,
            '< 96 MB',
          );
        },
      );
    }
    await withRelay(
      built,
      () => {},
      async ({ api, accepted, feed, relay, take }) => {
        await until(() => api.watchCount() === 1, 'the watch');
        const dropping = setInterval(() => api.dropWatches('reset'), 4000);
        await feed(500, 10);
        const early = (await relay.memory()).now;
        const before = accepted();
        take();
        const cpu = await relay.cpuSeconds();
        const sent = await feed(500, soak ? 600 : 20);
        clearInterval(dropping);
        await until(() => accepted() - before >= sent, 'all', 30_000);
        const { now, peak } = await relay.memory();
        const perTenThousand = (((await relay.cpuSeconds()) - cpu) / sent) * 10_000;
        const ms = take();
        report(
          `${soak ? 10 : 0.3} min at 500 events/s, a reset every 4 s`,
          `${mb(early)} MB early, ${mb(now)} at the end, peak ${mb(peak)}; lost 0`,
          'no growth, lost 0',
        );
        report('  latency, resets included', latencyText(ms), '');
        report('  CPU', `${perTenThousand.toFixed(2)} s per 10,000 events`, '');
      },
    );
    await withRelay(
      built,
      () => {},
      async ({ api, sqs, accepted, feed, relay }) => {
        await until(() => api.watchCount() === 1, 'the watch');
        const before = accepted();
        let sent = await feed(500, 2);
        sqs.script(() => ({ status: 503, type: 'ServiceUnavailable' }));
        sent += await feed(500, soak ? 60 : 10);
        sqs.script(undefined);
        const start = performance.now();
        await until(() => accepted() - before >= sent, 'what was held back', 60_000);
        report(
          `queue outage of ${soak ? 60 : 10} s at 500 events/s`,
          `peak ${mb((await relay.memory()).peak)} MB, lost 0, caught up in ${((performance.now() - start) / 1000).toFixed(1)} s`,
          '< 96 MB, lost 0',
        );
      },
    );
  } finally {
    await built.remove();
  }
  return rows;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { soak: { type: 'boolean', default: false } } });
  await benchRelay({ soak: values.soak });
}
