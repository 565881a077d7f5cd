import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Exchange, SinkCase, SinkMessages } from '../../functions/core/contract/case.ts';
import type { Parsed } from '../../functions/core/contract/config.ts';
import { createClients, type Clients } from '../../functions/core/runtime/clients.ts';
import { deliverGroup } from '../../functions/core/runtime/deliver.ts';
import {
  createDestination,
  parseSecrets,
  parseSettings,
  problemText,
  type Destination,
} from '../../functions/core/destinations/destination.ts';
import type { ClusterEvent } from '../../functions/core/contract/event.ts';
import type { Http } from '../../functions/core/contract/http.ts';
import { createHttp } from '../../functions/core/kit/http.ts';
import type { Fate } from '../../functions/core/contract/outcome.ts';
import type { AwsCredentials, Sink } from '../../functions/core/contract/sink.ts';
import type { HttpServer, ReceivedRequest } from './http-server.ts';

/** The sinks as the suite sees them: whatever their types, it only passes through what they give. */
export type AnySink = Sink<unknown, unknown, unknown, unknown>;

export const sinksFolder = join(import.meta.dirname, '../../functions/sinks');

export const sinkTypes: readonly string[] = readdirSync(sinksFolder).toSorted();

export interface LoadedSink {
  readonly sink: AnySink;
  readonly cases: readonly SinkCase[];
  readonly messages?: SinkMessages<unknown>;
}

export async function loadSink(type: string): Promise<LoadedSink> {
  const load = (file: string) => import(pathToFileURL(join(sinksFolder, type, file)).href);
  const [{ sink }, { cases, messages }] = await Promise.all([load('sink.ts'), load('cases.ts')]);
  return { sink, cases, messages };
}

/** The options of a document, defaults filled in. @throws {Error} naming the mistake in it. */
export function optionsOf(sink: AnySink, document: Readonly<Record<string, unknown>>): unknown {
  return valueOf(parseSettings(sink.config, JSON.stringify(document))).options;
}

/** The destination a case describes. @throws {Error} naming the mistake in its documents. */
export function destinationOf(
  sink: AnySink,
  { options, secrets }: Pick<SinkCase, 'options' | 'secrets'>,
  version = '1',
): Destination {
  const settings = valueOf(parseSettings(sink.config, JSON.stringify(options)));
  const parsed = valueOf(parseSecrets(sink.config, secrets && JSON.stringify(secrets), settings.plain));
  return createDestination({ type: sink.config.type, name: 'case', version }, settings, parsed);
}

function valueOf<T>(parsed: Parsed<T>): T {
  if ('problems' in parsed) throw new Error(problemText(parsed.problems));
  return parsed.value;
}

export interface Run {
  readonly outcomes: readonly Fate[];
  readonly lines: readonly string[];
  /** Requests with the URL the sink asked for. */
  readonly requests: readonly (ReceivedRequest & { readonly url: string })[];
}

export interface RunOptions {
  readonly server: HttpServer;
  readonly now?: string | undefined;
  readonly signal?: AbortSignal;
  /** Stands in for the sink's own client. */
  readonly client?: unknown;
  /** Kept over runs. By default each has its own. */
  readonly clients?: Clients<unknown, unknown, unknown>;
  readonly credentials?: AwsCredentials;
}

/** The clients of a sink, or one that stands in for them. */
export function clientsOf(sink: AnySink, client?: unknown): Clients<unknown, unknown, unknown> {
  const standIn: AnySink = { ...sink, connect: async () => client, close: async () => {} };
  return createClients(client === undefined ? sink : standIn, () => {});
}

/** Delivers events as the handler would, all HTTP going to the server whatever host the sink names. */
export async function run(
  sink: AnySink,
  destination: Destination,
  events: readonly ClusterEvent[],
  {
    server,
    now = '2026-11-23T08:00:00Z',
    signal = AbortSignal.timeout(20_000),
    client,
    clients = clientsOf(sink, client),
    credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'aws-secret-key-of-the-suite' },
  }: RunOptions,
): Promise<Run> {
  const lines: string[] = [];
  const urls: string[] = [];
  const before = server.requests.length;
  const real = createHttp(signal);
  const http: Http = (request) => {
    urls.push(request.url);
    const { pathname, search } = new URL(request.url);
    return real({ ...request, url: `${server.url}${pathname}${search}` });
  };
  const outcomes = await deliverGroup(destination, events, {
    sink,
    clients,
    contextOf: ({ options, secrets }) => ({
      options,
      secrets,
      signal,
      now: () => new Date(now),
      http,
      log: (line) => lines.push(line),
      aws: {
        region: async () => 'eu-central-1',
        credentials: async () => credentials,
      },
    }),
    reload: async () => destination,
    onSend: () => {},
  });
  await clients.drop(destination);
  return {
    outcomes: events.map((event) => outcomes.get(event) ?? { status: 'retry', code: 'missing', detail: '' }),
    lines,
    requests: server.requests.slice(before).map((request, index) => ({ ...request, url: urls[index] ?? '' })),
  };
}

/** Answers requests with a case's replies, in order. */
export function replayer(
  exchanges: readonly Exchange[],
): () => { status: number; headers: Record<string, string>; body: string } {
  let next = 0;
  return () => {
    const reply = exchanges[next++]?.reply ?? { status: 599, body: 'the case has no exchange for this request' };
    const isText = typeof reply.body === 'string' || reply.body === undefined;
    return {
      status: reply.status,
      headers: {
        ...(isText ? {} : { 'content-type': 'application/json' }),
        ...('headers' in reply ? reply.headers : {}),
      },
      body: isText ? String(reply.body ?? '') : JSON.stringify(reply.body),
    };
  };
}

/** A client whose methods record their arguments and answer as the case says. */
export function recordingClient(calls: NonNullable<SinkCase['calls']>): {
  client: unknown;
  seen: { method: string; args: unknown[] }[];
} {
  const seen: { method: string; args: unknown[] }[] = [];
  const client = new Proxy(
    {},
    {
      get(_target, method) {
        // A client must not look like a promise to `await`.
        if (typeof method !== 'string' || method === 'then') return undefined;
        return async (...args: unknown[]) => {
          const call = calls[seen.length];
          seen.push({ method, args });
          if (call?.throws) throw Object.assign(new Error('failed'), call.throws);
          return call?.returns;
        };
      },
    },
  );
  return { client, seen };
}
