import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { untilAborted, type CallLimits } from '../contract/limits.ts';
import type { AwsAccess } from '../contract/sink.ts';
import { codeOf, recordOf } from '../contract/untrusted.ts';
import { jsonService, type JsonAnswer, type JsonCall, type ServiceName } from './json-service.ts';

/** What a service says of a call that it did not do. */
export class ServiceError extends Error {
  /** The service's own name for it, such as `ParameterNotFound`; `http_<status>` where it gives none. */
  override readonly name: string;
  readonly status: number;

  constructor(name: string, message: string, status: number) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

/** What a service answered to a call that it did: a JSON object. */
export interface ServiceAnswer {
  readonly output: Readonly<Record<string, unknown>>;
  /** Strikes the key and the signature of the request out of what the answer says. */
  readonly clean: (text: string) => string;
}

/**
 * Makes a call, again where that may help, until the signal aborts.
 * @throws {ServiceError} or {Error}: an answer that is none, no connection, or the signal's reason. No text of theirs has the
 * request's secrets in it, nor a part of an answer that is not JSON.
 */
export type ServiceCall = (operation: string, input: object, signal?: AbortSignal) => Promise<ServiceAnswer>;

export interface ServiceSettings {
  readonly name: ServiceName;
  /** Where it is, found by the first call. */
  readonly place: () => Promise<{ readonly url: URL; readonly region: string }>;
  readonly credentials: AwsAccess['credentials'];
  /** Of one attempt; `answerMs` bounds all of it here, the connection and the end of the answer included. */
  readonly limits: CallLimits;
  /** How often a call is made at most. */
  readonly attempts: number;
}

/** Ten parameters of 8 KB, each byte of them escaped, are half a megabyte; a history has fifty. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** Calls at once; what is beyond them waits for a connection, in its own time. */
const MAX_SOCKETS = 50;

/** The bounds of the pauses between attempts: as the SDK's standard mode, which waits a random part of a growing time. */
const PAUSE_MS = 100;
const THROTTLED_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 20_000;

const THROTTLED = /thrott|slowdown|toomany|limitexceeded|bandwidthlimit|provisionedthroughput/i;
const PASSING = /^(RequestTimeout|RequestTimeoutException|PriorRequestNotComplete|TransactionInProgressException)$/;
/** Node's, of connections, and {@link exchange}'s of its limits. */
const CONNECTION = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_AGAIN)/;

/**
 * Calls of a service over connections that are kept open, with the pauses of the SDK's standard mode between attempts. What is
 * repeated: throttling, a failure of the service, a connection that failed or fell silent, and a signature that was refused
 * because of this machine's clock, which is then allowed for.
 */
export function serviceCalls({ name, place, credentials, limits, attempts }: ServiceSettings): ServiceCall {
  const open = once(async (): Promise<JsonCall> => {
    const { url, region } = await place();
    const pool = { keepAlive: true, maxSockets: MAX_SOCKETS };
    return jsonService({
      name,
      url,
      region,
      agent: url.protocol === 'http:' ? new HttpAgent(pool) : new HttpsAgent(pool),
    });
  });
  const times = { limitMs: limits.answerMs, connectMs: limits.connectMs, maxBytes: MAX_ANSWER_BYTES };

  return async (operation, input, signal = never) => {
    const body = JSON.stringify(input);
    for (let attempt = 1; ; attempt += 1) {
      signal.throwIfAborted();
      const [call, key] = await untilAborted(Promise.all([open(), credentials()]), signal);
      const answer = await call(operation, body, key, { ...times, signal }).catch(asFailure);
      if ('text' in answer && answer.fault === undefined) return outputOf(answer, name);
      const pauseMs = pauseAfter(answer, attempt);
      if (signal.aborted || pauseMs === undefined || attempt >= attempts) throw errorOf(answer);
      await pause(pauseMs, signal);
    }
  };
}

/** For callers without a deadline. */
const never = new AbortController().signal;

/** There was no answer. */
interface Failure {
  readonly error: unknown;
}

function asFailure(error: unknown): Failure {
  return { error };
}

/** How long to wait for the next attempt, in milliseconds; undefined where another would not help. */
function pauseAfter(answer: JsonAnswer | Failure, attempt: number): number | undefined {
  if ('error' in answer) return CONNECTION.test(codeOf(answer.error)) ? randomPause(PAUSE_MS, attempt) : undefined;
  const { status, fault, isClockNews } = answer;
  if (status === 429 || THROTTLED.test(fault?.name ?? '')) return randomPause(THROTTLED_PAUSE_MS, attempt);
  const isPassing = status >= 500 || isClockNews || PASSING.test(fault?.name ?? '');
  return isPassing ? randomPause(PAUSE_MS, attempt) : undefined;
}

function randomPause(baseMs: number, attempt: number): number {
  return Math.random() * Math.min(LONGEST_PAUSE_MS, baseMs * 2 ** (attempt - 1));
}

/** Resolves later. @throws the signal's reason, as soon as it aborts */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
  signal.throwIfAborted();
}

function errorOf(answer: JsonAnswer | Failure): unknown {
  if ('error' in answer) return answer.error;
  const { status, fault } = answer;
  return new ServiceError(fault?.name ?? '', fault?.message || `HTTP ${status}`, status);
}

function outputOf({ text, clean }: JsonAnswer, name: ServiceName): ServiceAnswer {
  try {
    return { output: recordOf(JSON.parse(text)), clean };
  } catch {
    // V8 quotes the text of which it says that it is no JSON, and that text may hold secrets.
    throw new Error(`${name.toUpperCase()} answered what is not JSON`);
  }
}

/** Makes something when it is first needed, and again if that failed. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
