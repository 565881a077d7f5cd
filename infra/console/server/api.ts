import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../ops/clock.ts';
import { OpsError } from '../../ops/command.ts';
import { failureText } from '../../ops/failure.ts';
import { readBody } from './body.ts';
import { within } from './deadline.ts';
import type { Endpoint, Endpoints } from './endpoint.ts';
import { SECURITY_HEADERS } from './headers.ts';
import { failureOf, Refusal } from './refusal.ts';

const LIMIT_MS = 30_000;

export interface ApiOptions {
  readonly endpoints: Endpoints;
  readonly readOnly: boolean;
  /** Gets to know what is secret. */
  readonly learn: () => Promise<void>;
  /** On all that is answered. */
  readonly conceal: (value: unknown) => unknown;
  readonly clock: Clock;
  /** Ends all calls. */
  readonly signal: AbortSignal;
}

/** Answers a call of the API. @throws {Refusal} */
export async function answerCall(
  { pathname, searchParams: query }: URL,
  request: IncomingMessage,
  response: ServerResponse,
  options: ApiOptions,
): Promise<void> {
  const endpoint = find(request.method ?? '', pathname, options.endpoints);
  const body = request.method === 'GET' || request.method === 'DELETE' ? undefined : await readBody(request);
  if (options.readOnly && endpoint.changes?.(body))
    throw new Refusal(403, 'this console only shows: it was started with --read-only');
  let answer: unknown;
  try {
    answer = await within(
      endpoint.limitMs ?? LIMIT_MS,
      async (signal) => endpoint.run({ query, body, signal }),
      options,
    );
  } finally {
    // A failure may hold a secret as well.
    await options.learn();
  }
  sendJson(response, 200, options.conceal(answer));
}

function find(method: string, path: string, endpoints: Endpoints): Endpoint {
  const found = Object.hasOwn(endpoints, `${method} ${path}`) ? endpoints[`${method} ${path}`] : undefined;
  if (found) return found;
  const methods = Object.keys(endpoints).flatMap((key) => (key.endsWith(` ${path}`) ? [key.split(' ')[0]] : []));
  if (methods.length > 0) throw new Refusal(405, `${path} answers ${methods.join(' and ')}`);
  throw new Refusal(404, 'there is nothing at this address');
}

/** Whatever was thrown, as an answer: one sentence, and where nobody expected it, nothing of where it happened. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof OpsError) return new Refusal(502, error.message);
  return new Refusal(500, `something went wrong: ${failureText(error)}`);
}

export function sendRefusal(response: ServerResponse, refusal: Refusal, conceal: ApiOptions['conceal']): void {
  if (!response.headersSent) sendJson(response, refusal.status, conceal(failureOf(refusal)));
  else response.destroy();
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const headers = {
    ...SECURITY_HEADERS,
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  };
  response.writeHead(status, headers).end(JSON.stringify(value ?? null));
}
