import { type ClusterAccess, createApiClient } from './cluster/api-client.ts';
import type { RelayConfig } from './config.ts';
import { type CursorStore, noCursorStore } from './cursor/cursor-store.ts';
import { fileCursorStore } from './cursor/file.ts';
import { API_TIMING, type ApiTiming } from './cluster/event-api.ts';
import { startHealthServer, type Readiness } from './health.ts';
import { LEASE_TIMING, leaseCursorStore } from './cursor/lease.ts';
import { createLeaseApi, type LeaseTiming } from './cursor/lease-api.ts';
import type { Logger } from './log.ts';
import { createRegistry, createRelayMetrics, type RelayMetrics } from './metrics.ts';
import { OUTBOX_LIMITS, type OutboxLimits } from './queue/outbox.ts';
import { createSession, type Session } from './session.ts';
import type { SendBatch } from './queue/sqs.ts';
import { sleep } from './wait.ts';
import { createRedactor, type Redactor } from '../functions/core/contract/redaction.ts';
import { messageOf } from '../functions/core/contract/untrusted.ts';

/** What a relay needs from outside. */
export interface RelayPorts {
  readonly access: ClusterAccess;
  /** Puts messages on the ingest queue; `queueSender` makes one. */
  readonly send: SendBatch;
  readonly log: Logger;
  /** Is told of every credential for the API server before it is used. The log's texts should pass it too. */
  readonly redactor?: Redactor;
  /** This build's version, for the heartbeat. */
  readonly version: string;
  /** Times and bounds, where the defaults will not do. */
  readonly timing?: Partial<ApiTiming>;
  readonly leaseTiming?: LeaseTiming;
  readonly limits?: Partial<OutboxLimits>;
  readonly heartbeatMs?: number;
  readonly drainMs?: number;
  readonly stopMs?: number;
}

/** A running relay. */
export interface RelayHandle {
  /** Where health and metrics are served. */
  readonly port: number;
  /** What `/readyz` says. */
  ready(): Readiness;
  /** How many events were read, and how many of them, gaps and heartbeats the queue accepted. */
  counts(): { readonly seen: number; readonly sent: number };
  /** Stops reading, sends what was read, saves the cursor, lets the next relay lead. Never rejects. */
  stop(): Promise<void>;
}

const HEARTBEAT_MS = 5 * 60_000;
/** Less than the pod's grace period, more than any healthy queue takes for a full buffer. */
const DRAIN_MS = 12_000;
/** A relay that is told to stop has stopped by then, whatever hangs. */
const STOP_MS = 18_000;
/** How often a leader looks whether it should let another one try. */
const PATIENCE_CHECK_MS = 1000;

/**
 * Starts a relay: it runs until stopped, whatever the API server and the queue do.
 * @throws {Error} if its port cannot be had.
 */
export async function startRelay(config: RelayConfig, ports: RelayPorts): Promise<RelayHandle> {
  const { log, redactor = createRedactor() } = ports;
  const registry = createRegistry('kube_courier_relay');
  const ofEvents = config.eventMetrics ? createRegistry('kube_courier') : undefined;
  const metrics = createRelayMetrics(registry, ofEvents);
  const client = createApiClient(ports.access, `kube-courier-relay/${ports.version}`, redactor.conceal);
  const store = cursorStore(config, client, metrics, ports);
  const stopping = new AbortController();
  let session: Session | undefined;

  function cursorAgeSeconds(): number | undefined {
    const saved = Object.values(session?.cursors() ?? {});
    const oldest = saved.map(({ observedAt }) => Date.parse(observedAt)).reduce((a, b) => Math.min(a, b), Infinity);
    return oldest === Infinity ? undefined : Math.max(0, (client.serverNow() - oldest) / 1000);
  }
  registry.gaugeOf('cursor_age_seconds', 'How long ago everything up to then was on the queue.', cursorAgeSeconds);
  metrics.leader.set(0);

  const health = await startHealthServer(config.host, config.port, {
    alive: () => (session?.stuck() === true ? 'a watch has not moved for longer than its watchdog allows' : undefined),
    ready,
    metrics: () => `${registry.render()}${ofEvents?.render() ?? ''}`,
  });

  function ready(): Readiness {
    if (stopping.signal.aborted) return { ready: false, text: 'stopping' };
    const { trouble, text = 'standing by' } = store.state();
    const troubles = [...(trouble === undefined ? [] : [trouble]), ...(session?.troubles() ?? [])];
    if (troubles.length > 0) return { ready: false, text: redactor.redact(troubles.join('; ')) };
    return { ready: true, text: session === undefined ? text : 'leading' };
  }

  async function lead(): Promise<void> {
    const owner = { cursors: () => session?.cursors(), canSend: () => session?.canSend() === true };
    const tenure = await store.acquire(owner, stopping.signal);
    if (tenure === undefined) return;
    const current = createSession(config, tenure, {
      client,
      metrics,
      log,
      send: ports.send,
      version: ports.version,
      timing: { ...API_TIMING, ...ports.timing },
      limits: { ...OUTBOX_LIMITS, ...ports.limits },
      heartbeatMs: ports.heartbeatMs ?? HEARTBEAT_MS,
    });
    session = current;
    metrics.leader.set(1);
    const unable = new AbortController();
    const checking = setInterval(() => {
      const unableMs = current.unableMs();
      if (unableMs < tenure.patienceMs || unable.signal.aborted) return;
      log('warn', 'no longer leading: this relay cannot send, another one may', {
        seconds: Math.round(unableMs / 1000),
      });
      unable.abort();
    }, PATIENCE_CHECK_MS);
    try {
      await current.run(AbortSignal.any([stopping.signal, tenure.lost, unable.signal]));
      const drainMs = unable.signal.aborted ? 0 : (ports.drainMs ?? DRAIN_MS);
      await current.drain(AbortSignal.any([tenure.lost, AbortSignal.timeout(drainMs)]));
    } finally {
      clearInterval(checking);
      current.end();
      await tenure.release(unable.signal.aborted);
      metrics.leader.set(0);
      session = undefined;
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await lead();
      } catch (error) {
        log('error', messageOf(error));
        await sleep(2000, stopping.signal);
      }
    }
  }

  log('info', 'started', { cluster: config.cluster, watching: ports.access.description, port: health.port });
  const running = run();
  let stopped: Promise<void> | undefined;

  async function stop(): Promise<void> {
    stopping.abort();
    const inTime = new AbortController();
    await Promise.race([running, sleep(ports.stopMs ?? STOP_MS, inTime.signal)]);
    inTime.abort();
    client.close();
    await health.close();
    log('info', 'stopped', { seen: metrics.seen.total(), sent: metrics.sent.total() });
  }

  return {
    port: health.port,
    ready,
    counts: () => ({ seen: metrics.seen.total(), sent: metrics.sent.total() }),
    stop: () => (stopped ??= stop()),
  };
}

function cursorStore(
  { cursor, identity }: RelayConfig,
  client: ReturnType<typeof createApiClient>,
  metrics: RelayMetrics,
  { log, leaseTiming = LEASE_TIMING }: RelayPorts,
): CursorStore {
  switch (cursor.kind) {
    case 'lease':
      return leaseCursorStore(
        createLeaseApi(client, { ...cursor, identity }, leaseTiming),
        { ...cursor, identity },
        log,
        metrics,
        leaseTiming,
      );
    case 'file':
      return fileCursorStore(cursor.path, log, metrics);
    case 'none':
      return noCursorStore();
  }
}
