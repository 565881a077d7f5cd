import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/**
 * A scripted Kubernetes API server on the loopback: core/v1 Events with list, paging, watch, history, compaction and
 * 410, WatchList if asked for, and Leases with their version precondition. It behaves like a real one until told not to:
 * `intercept` sees every request first, and the `drop...`, `compact` and `restore` calls do what a real one cannot be
 * made to do on demand.
 */
export interface ScriptedApiServer {
  readonly url: string;
  /** Creates an Event, or changes one of the same namespace and name. Returns what was stored. */
  put(event: ScriptedEvent): StoredEvent;
  /** Deletes an Event as its time to live would. */
  remove(namespace: string, name: string): void;
  /** Everything stored now. */
  events(): readonly StoredEvent[];
  /** The current resource version. */
  version(): number;
  /** Raises the version without an event, as writes to other resources do. */
  bump(by?: number): void;
  /** Forgets the history: versions below the current one answer 410, and so do open lists' tokens. */
  compact(): void;
  /** Ends open watches with an ERROR frame of 410. */
  expireWatches(): void;
  /** Ends open watches cleanly, or by resetting their connections. */
  dropWatches(how?: 'end' | 'reset'): void;
  /** Writes bytes to every open watch as they are. */
  writeRaw(bytes: string | Buffer): void;
  /** From now on open watches say nothing, but stay open. */
  muteWatches(): void;
  /** Puts the store back to what it was at an earlier call of `snapshot`, versions included. */
  restore(snapshot: unknown): void;
  snapshot(): unknown;
  /** Sees every request first; returns true if it has taken it over. Undefined ends it. */
  intercept(handler: Interceptor | undefined): void;
  /** Refuses connections until called with false. The port stays the same. */
  setDown(down: boolean): Promise<void>;
  /** Method and URL of every request so far, and the Authorization header it had. */
  readonly requests: readonly { method: string; url: URL; authorization: string | undefined }[];
  watchCount(): number;
  /** The stored Lease, by `<namespace>/<name>`. */
  lease(key: string): LeaseObject | undefined;
  setLease(key: string, lease: LeaseObject | undefined): void;
  close(): Promise<void>;
}

export type Interceptor = (url: URL, request: IncomingMessage, response: ServerResponse) => boolean;

export interface ScriptedEvent {
  readonly name: string;
  readonly namespace?: string;
  readonly [field: string]: unknown;
}

export interface StoredEvent {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly version: number;
  readonly count: number;
  /** The Event as it goes over the wire. */
  readonly json: string;
}

export interface LeaseObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly annotations?: Record<string, string>;
  };
  readonly spec: Record<string, unknown>;
}

export interface ScriptedApiServerOptions {
  /** Answers `/version` with a Kubernetes that has WatchList, and serves it. Off by default. */
  readonly watchList?: boolean;
  /** With it, requests without this bearer token are answered 401. */
  readonly token?: () => string;
  /** Serves https with what this gives, asked anew whenever the server comes up. */
  readonly tls?: () => { readonly key: string; readonly cert: string };
}

interface Change {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly event: StoredEvent;
}

interface Watch {
  readonly response: ServerResponse;
  readonly namespace: string | undefined;
  muted: boolean;
}

interface State {
  version: number;
  compacted: number;
  events: Map<string, StoredEvent>;
  changes: Change[];
}

/** How many changes are kept; older versions answer 410. */
const HISTORY = 200_000;

export async function startApiServer(options: ScriptedApiServerOptions = {}): Promise<ScriptedApiServer> {
  let state: State = { version: 1000, compacted: 0, events: new Map(), changes: [] };
  let uids = 0;
  const leases = new Map<string, LeaseObject>();
  const watches = new Set<Watch>();
  const requests: { method: string; url: URL; authorization: string | undefined }[] = [];
  let interceptor: Interceptor | undefined;
  /** Lists under way, by token: pages must show the state of the first. */
  const lists = new Map<string, { items: readonly StoredEvent[]; version: number; namespace: string | undefined }>();

  function record(type: Change['type'], event: StoredEvent): void {
    const change = { version: state.version, type, event };
    state.changes.push(change);
    if (state.changes.length > HISTORY * 1.5) {
      state.compacted = state.changes.at(-HISTORY)?.version ?? state.compacted;
      state.changes = state.changes.slice(-HISTORY);
    }
    const line = frame(change);
    for (const watch of watches) if (!watch.muted && within(watch.namespace, event)) watch.response.write(line);
  }

  function list(url: URL, namespace: string | undefined, response: ServerResponse): void {
    const limit = Number(url.searchParams.get('limit') ?? Number.POSITIVE_INFINITY);
    const token = url.searchParams.get('continue') ?? '';
    const [id = '', from = '0'] = token.split('.');
    const open = lists.get(id);
    if (token !== '' && open === undefined) {
      // As the real one does: the old token is dead, and a new one goes on at the current version.
      const next = `L${(uids += 1)}`;
      lists.set(next, { items: select(namespace), version: state.version, namespace });
      fail(response, 410, 'Expired', 'the provided continue parameter is too old', { continue: `${next}.${from}` });
      return;
    }
    const { items, version } = open ?? { items: select(namespace), version: state.version };
    const start = Number(from);
    const page = items.slice(start, start + limit);
    const more = start + page.length < items.length;
    const listId = token === '' ? `L${(uids += 1)}` : id;
    if (more) lists.set(listId, { items, version, namespace });
    else lists.delete(listId);
    const metadata = {
      resourceVersion: String(version),
      ...(more && { continue: `${listId}.${start + page.length}` }),
    };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(`{"kind":"EventList","apiVersion":"v1","metadata":${JSON.stringify(metadata)},"items":[`);
    response.end(`${page.map(({ json }) => json).join(',')}]}\n`);
  }

  function select(namespace: string | undefined): StoredEvent[] {
    const all = [...state.events.values()];
    return namespace === undefined ? all : all.filter((event) => event.namespace === namespace);
  }

  function watch(url: URL, namespace: string | undefined, response: ServerResponse): void {
    const initial = url.searchParams.get('sendInitialEvents') === 'true';
    if (initial && options.watchList !== true) {
      fail(
        response,
        422,
        'Invalid',
        'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
      );
      return;
    }
    const from = url.searchParams.get('resourceVersion') ?? '';
    response.writeHead(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' });
    response.flushHeaders();
    if (initial) {
      for (const event of select(namespace)) response.write(`{"type":"ADDED","object":${event.json}}\n`);
      response.write(
        `${JSON.stringify({
          type: 'BOOKMARK',
          object: {
            metadata: { resourceVersion: String(state.version), annotations: { 'k8s.io/initial-events-end': 'true' } },
          },
        })}\n`,
      );
    } else if (from !== '' && Number(from) < state.compacted) {
      response.end(`${errorFrame(410, 'Expired')}\n`);
      return;
    } else if (from !== '') {
      for (const change of state.changes) {
        if (change.version > Number(from) && within(namespace, change.event)) response.write(frame(change));
      }
    }
    const entry: Watch = { response, namespace, muted: false };
    watches.add(entry);
    response.on('close', () => watches.delete(entry));
    const seconds = Number(url.searchParams.get('timeoutSeconds') ?? '0');
    if (seconds > 0) {
      const timer = setTimeout(() => {
        if (entry.muted) return;
        watches.delete(entry);
        response.end();
      }, seconds * 1000);
      response.on('close', () => clearTimeout(timer));
    }
  }

  function serveLease(
    method: string,
    namespace: string,
    name: string | undefined,
    body: string,
    response: ServerResponse,
  ): void {
    const sent: LeaseObject | undefined = body === '' ? undefined : JSON.parse(body);
    const key = `${namespace}/${name ?? sent?.metadata.name ?? ''}`;
    const stored = leases.get(key);
    if (method === 'GET') {
      if (stored === undefined) fail(response, 404, 'NotFound', 'leases not found');
      else reply(response, 200, stored);
      return;
    }
    if (sent === undefined || (method === 'POST') === (stored !== undefined)) {
      fail(response, method === 'POST' ? 409 : 404, method === 'POST' ? 'AlreadyExists' : 'NotFound', 'leases');
      return;
    }
    if (stored !== undefined && sent.metadata.resourceVersion !== stored.metadata.resourceVersion) {
      fail(response, 409, 'Conflict', 'the object has been modified');
      return;
    }
    state.version += 1;
    const uid = stored?.metadata.uid ?? `lease-uid-${state.version}`;
    const lease = { ...sent, metadata: { ...sent.metadata, uid, resourceVersion: String(state.version) } };
    leases.set(key, lease);
    reply(response, method === 'POST' ? 201 : 200, lease);
  }

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://api');
    requests.push({ method: request.method ?? '', url, authorization: request.headers.authorization });
    if (interceptor?.(url, request, response) === true) return;
    if (options.token !== undefined && request.headers.authorization !== `Bearer ${options.token()}`) {
      fail(response, 401, 'Unauthorized', 'Unauthorized');
      return;
    }
    const events = /^\/api\/v1\/(?:namespaces\/([^/]+)\/)?events$/.exec(url.pathname);
    const lease = /^\/apis\/coordination\.k8s\.io\/v1\/namespaces\/([^/]+)\/leases(?:\/([^/]+))?$/.exec(url.pathname);
    if (events !== null) {
      if (url.searchParams.get('watch') === null) list(url, events[1], response);
      else watch(url, events[1], response);
    } else if (lease !== null) {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => serveLease(request.method ?? '', lease[1] ?? '', lease[2], body, response));
    } else if (url.pathname === '/version' && options.watchList === true) {
      reply(response, 200, { major: '1', minor: '37' });
    } else {
      fail(response, 404, 'NotFound', 'the server could not find the requested resource');
    }
  }

  let server: Server | SecureServer;
  async function listen(port: number): Promise<number> {
    server = options.tls === undefined ? createServer(handle) : createSecureServer(options.tls(), handle);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return addressOf(server).port;
  }
  async function close(): Promise<void> {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }
  const port = await listen(0);

  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    put({ name, namespace = 'default', ...fields }) {
      const key = `${namespace}/${name}`;
      const known = state.events.get(key);
      state.version += 1;
      const count = typeof fields['count'] === 'number' ? fields['count'] : (known?.count ?? 0) + 1;
      const uid = known?.uid ?? `uid-${(uids += 1)}`;
      const version = state.version;
      const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
      const json = JSON.stringify({
        kind: 'Event',
        apiVersion: 'v1',
        metadata: {
          name,
          namespace,
          uid,
          resourceVersion: String(version),
          creationTimestamp: now,
          managedFields: [{ manager: 'kubelet' }],
        },
        involvedObject: { kind: 'Pod', namespace, name: name.split('.')[0], uid: `pod-${uid}`, apiVersion: 'v1' },
        type: 'Normal',
        reason: 'Scheduled',
        message: `something happened to ${name}`,
        source: { component: 'kubelet', host: 'node-1' },
        firstTimestamp: now,
        lastTimestamp: now,
        eventTime: null,
        ...fields,
        count,
      });
      const event: StoredEvent = { key, namespace, name, uid, version, count, json };
      state.events.set(key, event);
      record(known === undefined ? 'ADDED' : 'MODIFIED', event);
      return event;
    },
    remove(namespace, name) {
      const known = state.events.get(`${namespace}/${name}`);
      if (known === undefined) return;
      state.version += 1;
      state.events.delete(known.key);
      const json = JSON.stringify({
        ...JSON.parse(known.json),
        metadata: { ...JSON.parse(known.json).metadata, resourceVersion: String(state.version) },
      });
      record('DELETED', { ...known, version: state.version, json });
    },
    events: () => [...state.events.values()],
    version: () => state.version,
    bump(by = 1) {
      state.version += by;
    },
    compact() {
      state.version += 1;
      state.compacted = state.version;
      state.changes = [];
      lists.clear();
    },
    expireWatches() {
      for (const { response } of watches) response.end(`${errorFrame(410, 'Expired')}\n`);
      watches.clear();
    },
    dropWatches(how = 'end') {
      for (const { response } of watches) {
        if (how === 'end') response.end();
        else response.socket?.resetAndDestroy();
      }
      watches.clear();
    },
    writeRaw(bytes) {
      for (const { response } of watches) response.write(bytes);
    },
    muteWatches() {
      for (const watch of watches) watch.muted = true;
    },
    snapshot: () => ({ ...state, events: new Map(state.events), changes: [...state.changes] }),
    restore(snapshot) {
      if (!isState(snapshot)) throw new TypeError('not a snapshot');
      state = { ...snapshot, events: new Map(snapshot.events), changes: [...snapshot.changes] };
      for (const { response } of watches) response.socket?.resetAndDestroy();
      watches.clear();
    },
    intercept(handler) {
      interceptor = handler;
    },
    async setDown(down) {
      if (down) await close();
      else await listen(port);
    },
    requests,
    watchCount: () => watches.size,
    lease: (key) => leases.get(key),
    setLease(key, lease) {
      if (lease === undefined) {
        leases.delete(key);
        return;
      }
      state.version += 1;
      leases.set(key, { ...lease, metadata: { ...lease.metadata, resourceVersion: String(state.version) } });
    },
    close,
  };
}

/** Answers with a Kubernetes Status. */
export function fail(
  response: ServerResponse,
  code: number,
  reason: string,
  message: string,
  metadata: object = {},
): void {
  reply(response, code, { kind: 'Status', apiVersion: 'v1', metadata, status: 'Failure', message, reason, code });
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function frame({ type, event }: Change): string {
  return `{"type":"${type}","object":${event.json}}\n`;
}

/** An ERROR frame of a watch. */
export function errorFrame(code: number, reason: string, details: object = {}): string {
  return JSON.stringify({
    type: 'ERROR',
    object: { kind: 'Status', status: 'Failure', code, reason, message: 'too old resource version', details },
  });
}

function within(namespace: string | undefined, event: StoredEvent): boolean {
  return namespace === undefined || namespace === event.namespace;
}

function addressOf(server: Server | SecureServer): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address;
}

function isState(value: unknown): value is State {
  return typeof value === 'object' && value !== null && 'changes' in value && 'events' in value;
}
