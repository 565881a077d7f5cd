import type { EventMessage, GapMessage, HeartbeatMessage, Message } from '../../functions/core/contract/message.ts';
import type { ClusterAccess } from '../../relay/cluster/api-client.ts';
import type { RelayConfig } from '../../relay/config.ts';
import { createLogger } from '../../relay/log.ts';
import { type RelayHandle, type RelayPorts, startRelay } from '../../relay/relay.ts';
import type { SendBatch } from '../../relay/queue/sqs.ts';
import type { BatchResult, SendResult } from '../../relay/queue/sqs-fault.ts';
import type { ScriptedApiServer } from './api-server.ts';
import { eventIds } from './event-ids.ts';
import { messagesIn } from './messages.ts';

/** A queue in memory that accepts what it is told to. */
export interface TestQueue {
  readonly send: SendBatch;
  /** Every accepted body, parsed, in order of acceptance. */
  readonly messages: readonly Message[];
  events(): readonly EventMessage[];
  /** `<uid>/<resourceVersion>` of the accepted events. */
  ids(): readonly string[];
  gaps(): readonly GapMessage[];
  heartbeats(): readonly HeartbeatMessage[];
  /** Decides what becomes of a call, until called with undefined. */
  script(decide: Decide | undefined): void;
  readonly calls: number;
}

export const ACCEPTED: SendResult = { status: 'accepted' };
export const UNAVAILABLE: BatchResult = {
  status: 'unavailable',
  code: 'ECONNREFUSED',
  reason: 'the queue cannot be reached',
};

type Decide = (bodies: readonly string[]) => BatchResult | undefined | Promise<BatchResult | undefined>;

export function createTestQueue(): TestQueue {
  const messages: Message[] = [];
  let calls = 0;
  let decide: Decide | undefined;
  return {
    async send(entries) {
      calls += 1;
      const bodies = entries.map(({ body }) => body);
      const result = (await decide?.(bodies)) ?? { status: 'answered' as const, results: bodies.map(() => ACCEPTED) };
      if (result.status === 'answered') {
        for (const [i, body] of bodies.entries())
          if (result.results[i]?.status === 'accepted') messages.push(...messagesIn(body));
      }
      return result;
    },
    messages,
    events: () => messages.filter((message) => message.kind === 'event'),
    ids: () => eventIds(messages),
    gaps: () => messages.filter((message) => message.kind === 'gap'),
    heartbeats: () => messages.filter((message) => message.kind === 'heartbeat'),
    script(next) {
      decide = next;
    },
    get calls() {
      return calls;
    },
  };
}

export function testConfig(overrides: Partial<RelayConfig> = {}): RelayConfig {
  return {
    queueUrl: 'http://127.0.0.1/000000000000/ingest',
    cluster: 'test',
    namespaces: [],
    startFrom: { kind: 'all' },
    enrich: 'owners',
    eventMetrics: true,
    eventTtlMs: 60 * 60_000,
    cursor: { kind: 'none' },
    budget: { perSecond: 1000, burst: 1000 },
    identity: 'relay-1',
    host: '127.0.0.1',
    port: 0,
    logLevel: 'debug',
    ...overrides,
  };
}

export function accessTo(url: string, token?: () => string): ClusterAccess {
  return {
    description: url,
    credentials: async () => ({
      server: new URL(url),
      headers: token === undefined ? {} : { authorization: `Bearer ${token()}` },
      tls: {},
    }),
  };
}

/** Runs a relay in this process against a scripted API server. */
export async function runRelay(
  server: Pick<ScriptedApiServer, 'url'>,
  queue: TestQueue,
  config: Partial<RelayConfig> = {},
  ports: Partial<RelayPorts> = {},
): Promise<RelayHandle & { readonly logs: readonly string[] }> {
  const logs: string[] = [];
  const handle = await startRelay(testConfig(config), {
    access: accessTo(server.url),
    send: queue.send,
    log: createLogger('debug', (line) => logs.push(line)),
    version: 'test',
    ...ports,
    // Failures are what these tests are about: no need to wait for each as long as in life.
    timing: { retryBaseMs: 20, retryCapMs: 200, unreadyAfterMs: 200, provenAfterMs: 200, ...ports.timing },
    limits: { retryBaseMs: 10, retryCapMs: 100, ...ports.limits },
  });
  return { ...handle, logs };
}

/** Resolves once the condition holds; fails with `what` if it never does. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, ms = 120_000): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`still waiting: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
