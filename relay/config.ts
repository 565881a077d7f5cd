import { hostname } from 'node:os';
import { LOG_LEVELS, type LogLevel } from './log.ts';
import { CLUSTER_NAME } from '../functions/core/contract/cluster-name.ts';
import { messageOf } from '../functions/core/contract/untrusted.ts';
import { proxiesOf } from './proxy.ts';

/** What the first list without a cursor sends. */
export type StartFrom =
  | { readonly kind: 'now' }
  | { readonly kind: 'all' }
  | { readonly kind: 'lookBack'; readonly ms: number };

/** Where the cursor is kept. */
export type CursorPlace =
  | { readonly kind: 'lease'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'none' };

/** How often messages may be sent that could still gather events: every message costs money, here and at each hop behind. */
export interface SendBudget {
  /** In the long run. */
  readonly perSecond: number;
  /** At once, after a while in which nothing was sent. */
  readonly burst: number;
}

/** What is added to events: nothing, what events themselves tell, or also what the API server says of their objects. */
export const ENRICH = ['none', 'owners', 'labels'] as const;
export type Enrich = (typeof ENRICH)[number];

export interface RelayConfig {
  readonly queueUrl: string;
  readonly cluster: string;
  /** Empty: all. */
  readonly namespaces: readonly string[];
  readonly startFrom: StartFrom;
  readonly enrich: Enrich;
  /** Whether the cluster's events are counted by reason, kind and namespace. */
  readonly eventMetrics: boolean;
  /** How long the API server keeps an event after its last change. */
  readonly eventTtlMs: number;
  readonly cursor: CursorPlace;
  /** How often envelopes are sent that are not full, of Warnings and of other events each. */
  readonly budget: SendBudget;
  /** This relay's name in the Lease. */
  readonly identity: string;
  /** Where health and metrics are served; port 0 lets the system choose. */
  readonly host: string;
  readonly port: number;
  readonly logLevel: LogLevel;
}

/** Half a message a second, and twenty at once after a quiet time: what that costs and how long events wait, the README says. */
export const DEFAULT_BUDGET: SendBudget = { perSecond: 0.5, burst: 20 };

const DEFAULT_LEASE_NAME = 'kube-courier-relay';
const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Where the process finds itself. */
export interface Surroundings {
  readonly inCluster: boolean;
  /** The pod's namespace, as its service account has it. */
  readonly podNamespace: string | undefined;
}

/** Reads the configuration from the environment, or says everything that is wrong with it, a sentence each. */
export function parseConfig(
  env: NodeJS.ProcessEnv,
  { inCluster, podNamespace }: Surroundings,
): { readonly config: RelayConfig } | { readonly mistakes: readonly string[] } {
  const mistakes: string[] = [];
  const value = (name: string): string | undefined => env[name]?.trim() || undefined;
  function check<T>(name: string, parsed: T | undefined, expected: string): T | undefined {
    if (parsed === undefined)
      mistakes.push(`${name} ${value(name) === undefined ? 'is not set' : `is "${value(name)}"`}: ${expected}`);
    return parsed;
  }

  const namespace = value('POD_NAMESPACE') ?? podNamespace;
  const queueUrl = check(
    'QUEUE_URL',
    parseQueueUrl(value('QUEUE_URL')),
    'it must be the http(s) URL of the ingest queue',
  );
  const cluster = check(
    'CLUSTER_NAME',
    match(value('CLUSTER_NAME'), CLUSTER_NAME),
    'it must name this cluster with up to 63 letters, digits, ".", "_" or "-"',
  );
  const namespaces = (value('NAMESPACES') ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
  for (const each of namespaces) {
    if (!DNS_LABEL.test(each))
      mistakes.push(`NAMESPACES has "${each}": it must be a comma-separated list of namespaces`);
  }
  const startFrom = check(
    'START_FROM',
    parseStartFrom(value('START_FROM') ?? '10m'),
    'it must be now, all, or a duration such as 10m',
  );
  const eventTtlMs = check(
    'EVENT_TTL',
    parseDuration(value('EVENT_TTL') ?? '60m'),
    'it must be a duration such as 60m',
  );
  const enrich = check(
    'ENRICH',
    ENRICH.find((each) => each === (value('ENRICH') ?? 'owners')),
    `it must be one of ${ENRICH.join(', ')}`,
  );
  const eventMetrics = check('EVENT_METRICS', parseSwitch(value('EVENT_METRICS') ?? 'on'), 'it must be on or off');
  const cursor = check(
    'CURSOR',
    parseCursor(value('CURSOR') ?? (inCluster ? `lease:${namespace ?? ''}/${DEFAULT_LEASE_NAME}` : 'none')),
    'it must be lease:<namespace>/<name>, file:<path> or none (in a cluster, set POD_NAMESPACE for the default)',
  );
  const perSecond = check(
    'SENDS_PER_SECOND',
    parseNumber(value('SENDS_PER_SECOND') ?? String(DEFAULT_BUDGET.perSecond), 0.1, 1000),
    'it must be a number from 0.1 to 1000',
  );
  const burst = check(
    'SENDS_BURST',
    parseNumber(value('SENDS_BURST') ?? String(DEFAULT_BUDGET.burst), 1, 1000),
    'it must be a number from 1 to 1000',
  );
  const port = check('PORT', parsePort(value('PORT') ?? '8080'), 'it must be a port from 0 to 65535');
  const logLevel = check(
    'LOG_LEVEL',
    LOG_LEVELS.find((level) => level === (value('LOG_LEVEL') ?? 'info').toLowerCase()),
    `it must be one of ${LOG_LEVELS.join(', ')}`,
  );

  try {
    proxiesOf(env);
  } catch (error) {
    mistakes.push(messageOf(error));
  }

  if (
    mistakes.length > 0 ||
    queueUrl === undefined ||
    cluster === undefined ||
    startFrom === undefined ||
    enrich === undefined ||
    eventMetrics === undefined ||
    eventTtlMs === undefined ||
    cursor === undefined ||
    perSecond === undefined ||
    burst === undefined ||
    port === undefined ||
    logLevel === undefined
  ) {
    return { mistakes };
  }
  return {
    config: {
      queueUrl,
      cluster,
      namespaces: [...new Set(namespaces)],
      startFrom,
      enrich,
      eventMetrics,
      eventTtlMs,
      cursor,
      budget: { perSecond, burst },
      identity: value('POD_NAME') ?? `${hostname()}-${process.pid}`,
      // Probes come from outside the pod; on a workstation nobody else has any business here.
      host: inCluster ? '' : '127.0.0.1',
      port,
      logLevel,
    },
  };
}

function match(text: string | undefined, pattern: RegExp): string | undefined {
  return text !== undefined && pattern.test(text) ? text : undefined;
}

function parseQueueUrl(text: string | undefined): string | undefined {
  const url = text === undefined ? null : URL.parse(text);
  if (url === null || text === undefined) return undefined;
  return (url.protocol === 'https:' || url.protocol === 'http:') && url.pathname.length > 1 ? text : undefined;
}

function parseStartFrom(text: string): StartFrom | undefined {
  if (text === 'now' || text === 'all') return { kind: text };
  const ms = parseDuration(text);
  return ms === undefined ? undefined : { kind: 'lookBack', ms };
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration such as `90s`, `10m`, `1h30m`, in milliseconds; undefined if it is none or zero. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d{1,6}[smhd])+$/.test(text)) return undefined;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+)([smhd])/g)) ms += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  return ms > 0 ? ms : undefined;
}

function parseCursor(text: string): CursorPlace | undefined {
  if (text === 'none') return { kind: 'none' };
  if (text.startsWith('file:') && text.length > 5) return { kind: 'file', path: text.slice(5) };
  const [, namespace, name] = /^lease:([^/]+)\/([^/]+)$/.exec(text) ?? [];
  if (namespace === undefined || name === undefined) return undefined;
  return DNS_LABEL.test(namespace) && /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(name)
    ? { kind: 'lease', namespace, name }
    : undefined;
}

function parseNumber(text: string, least: number, most: number): number | undefined {
  const number = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  return number >= least && number <= most ? number : undefined;
}

function parseSwitch(text: string): boolean | undefined {
  if (text === 'on') return true;
  return text === 'off' ? false : undefined;
}

function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  return port <= 65_535 ? port : undefined;
}
