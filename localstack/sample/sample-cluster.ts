import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { sampleOccurrences, type Occurrence } from './sample-events.ts';
import { seededRandom } from '../../infra/seeded-random.ts';

export interface SampleCluster {
  /** Where its API is, such as `http://127.0.0.1:41234`. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** An Event as this cluster writes it. */
interface StoredEvent {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly creationTimestamp: string;
  };
  readonly eventTime: string | null;
  readonly count?: number;
  readonly series?: { readonly count: number };
  readonly [field: string]: unknown;
}

interface Change {
  readonly type: 'ADDED' | 'MODIFIED';
  readonly version: number;
  readonly event: StoredEvent;
}

/** How much of its past the cluster plays at once before it starts, so that the first list is not empty. */
const HEAD_START_MS = 400;
/** Watches from before the oldest kept change are answered 410, as by a compacted store. */
const MAX_CHANGES = 2000;
const MAX_EVENTS = 1000;
const FIRST_VERSION = 1000;
const EXPIRED = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Expired', code: 410 } as const;

/**
 * A cluster for people who have none at hand: a server on this machine that answers lists and watches of Events as the
 * Kubernetes API does, with events of made-up workloads. The same seed tells the same stories.
 */
export async function startSampleCluster(seed: number): Promise<SampleCluster> {
  const events = new Map<string, StoredEvent>();
  const changes: Change[] = [];
  const watchers = new Set<(change: Change) => void>();
  let version = FIRST_VERSION;
  let timer: NodeJS.Timeout | undefined;

  const occurrences = sampleOccurrences(seededRandom(seed));
  const startedAt = Date.now() - HEAD_START_MS;
  let next = occurrences.next().value;
  play();

  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      clearTimeout(timer);
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };

  /** Lets everything happen that is due. */
  function play(): void {
    while (startedAt + next.atMs <= Date.now()) {
      happen(next);
      next = occurrences.next().value;
    }
    timer = setTimeout(play, startedAt + next.atMs - Date.now());
  }

  function happen(occurrence: Occurrence): void {
    const { object, reason, message } = occurrence;
    const key = JSON.stringify([object, reason, message]);
    const before = events.get(key);
    version += 1;
    const event = before ? repeated(before, version) : firstEvent(occurrence, key, version);
    events.delete(key); // The map stays in the order of the last change.
    events.set(key, event);
    const [oldest] = events.keys();
    if (events.size > MAX_EVENTS && oldest !== undefined) events.delete(oldest);
    const change = { type: before ? 'MODIFIED' : 'ADDED', version, event } as const;
    changes.push(change);
    if (changes.length > MAX_CHANGES) changes.shift();
    for (const watcher of watchers) watcher(change);
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://sample');
    const [, namespace] = /^\/api\/v1(?:\/namespaces\/([^/]+))?\/events$/.exec(pathname) ?? [];
    if (request.method !== 'GET') return json(response, 405, { kind: 'Status', status: 'Failure', code: 405 });
    if (pathname === '/version') return json(response, 200, { major: '1', minor: '34', gitVersion: 'v1.34.0-sample' });
    if (!/^\/api\/v1\/(namespaces\/[^/]+\/)?events$/.test(pathname)) {
      return json(response, 404, { kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404 });
    }
    const isWanted = (event: StoredEvent): boolean => namespace === undefined || event.metadata.namespace === namespace;
    if (searchParams.get('watch') === 'true' || searchParams.get('watch') === '1') {
      watch(response, searchParams, isWanted);
    } else {
      list(response, searchParams, isWanted);
    }
  }

  function list(response: ServerResponse, query: URLSearchParams, isWanted: (event: StoredEvent) => boolean): void {
    // A page continues after an event's version; events that changed meanwhile come at the end again, which is harmless.
    const after = Number(query.get('continue') ?? 0);
    const wanted = [...events.values()].filter((event) => isWanted(event) && versionOf(event) > after);
    const limit = Number(query.get('limit') ?? 0) || wanted.length;
    const items = wanted.slice(0, limit);
    const last = items.at(-1);
    const rest = wanted.length - items.length;
    const more = last && rest > 0 ? { continue: String(versionOf(last)), remainingItemCount: rest } : {};
    json(response, 200, {
      kind: 'EventList',
      apiVersion: 'v1',
      metadata: { resourceVersion: String(version), ...more },
      items,
    });
  }

  function watch(response: ServerResponse, query: URLSearchParams, isWanted: (event: StoredEvent) => boolean): void {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    const write = (type: string, object: object): void => void response.write(`${JSON.stringify({ type, object })}\n`);
    const from = Number(query.get('resourceVersion') ?? 0);
    const sendInitial = query.get('sendInitialEvents') === 'true';
    const oldest = changes[0]?.version ?? version + 1;
    if (sendInitial || from === 0) {
      for (const event of events.values()) if (isWanted(event)) write('ADDED', event);
    } else if (from + 1 < oldest) {
      write('ERROR', EXPIRED);
      response.end();
      return;
    } else {
      for (const change of changes)
        if (change.version > from && isWanted(change.event)) write(change.type, change.event);
    }
    if (sendInitial) {
      const metadata = { resourceVersion: String(version), annotations: { 'k8s.io/initial-events-end': 'true' } };
      write('BOOKMARK', { kind: 'Event', apiVersion: 'v1', metadata });
    }
    const watcher = (change: Change): void => {
      if (isWanted(change.event)) write(change.type, change.event);
    };
    watchers.add(watcher);
    const seconds = Number(query.get('timeoutSeconds') ?? 0) || 300;
    const end = setTimeout(() => response.end(), seconds * 1000);
    response.on('close', () => {
      watchers.delete(watcher);
      clearTimeout(end);
    });
  }
}

function versionOf(event: StoredEvent): number {
  return Number(event.metadata.resourceVersion);
}

function firstEvent(occurrence: Occurrence, key: string, version: number): StoredEvent {
  const { object, type, reason, message, component, host, isSeries } = occurrence;
  const now = new Date();
  const hash = sha256(key);
  const seconds = `${now.toISOString().slice(0, 19)}Z`;
  // Events of cluster-scoped objects live in the namespace default.
  const namespace = object.namespace ?? 'default';
  const style = isSeries
    ? {
        eventTime: `${now.toISOString().slice(0, -1)}000Z`,
        firstTimestamp: null,
        lastTimestamp: null,
        source: {},
        action: 'Binding',
        reportingComponent: component,
        reportingInstance: `${component}-sample`,
      }
    : {
        eventTime: null,
        firstTimestamp: seconds,
        lastTimestamp: seconds,
        count: 1,
        source: host === undefined ? { component } : { component, host },
        reportingComponent: component,
        reportingInstance: host ?? '',
      };
  return {
    kind: 'Event',
    apiVersion: 'v1',
    metadata: {
      name: `${object.name}.${hash.slice(0, 16)}`,
      namespace,
      uid: uuid(hash),
      resourceVersion: String(version),
      creationTimestamp: seconds,
    },
    involvedObject: { uid: uuid(sha256(`${object.kind}/${namespace}/${object.name}`)), ...object },
    type,
    reason,
    message,
    ...style,
  };
}

function repeated(event: StoredEvent, version: number): StoredEvent {
  const metadata = { ...event.metadata, resourceVersion: String(version) };
  const now = new Date().toISOString();
  if (event.eventTime !== null) {
    const series = { count: (event.series?.count ?? 1) + 1, lastObservedTime: `${now.slice(0, -1)}000Z` };
    return { ...event, metadata, series };
  }
  return { ...event, metadata, count: (event.count ?? 1) + 1, lastTimestamp: `${now.slice(0, 19)}Z` };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function uuid(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}
