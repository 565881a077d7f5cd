import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { systemClock, type Clock } from '../../ops/clock.ts';
import { OpsError } from '../../ops/command.ts';
import { codeOf } from '../../../functions/core/contract/untrusted.ts';
import { loadPage, type Page } from '../assets.ts';
import { createShow } from '../live.ts';
import type { About } from '../contract.ts';
import { createDestinationReader } from '../destination-reader.ts';
import { createSecrets } from '../secrets.ts';
import type { Context } from './context.ts';
import { destinationEndpoints } from './destinations.ts';
import type { Endpoints } from './endpoint.ts';
import { eventEndpoints } from './events.ts';
import { createLearning } from './learning.ts';
import { letterEndpoints } from './letters.ts';
import { receiverEndpoints } from './receiver.ts';
import { savingEndpoints } from './saving.ts';
import { silenceEndpoints } from './silences.ts';
import { createRing } from '../ring.ts';
import type { ConsoleSource } from '../source.ts';
import { answerCall, refusalOf, sendRefusal, type ApiOptions } from './api.ts';
import { keepFollowing } from './following.ts';
import { createTokenGuard, guardOrigin } from './guard.ts';
import { createPage } from './page.ts';
import { Refusal } from './refusal.ts';
import { createStreams } from './stream.ts';

export interface ConsoleOptions {
  /** On 127.0.0.1; 0 for any that is free. */
  readonly port: number;
  /** Refuses every call that changes anything. */
  readonly readOnly: boolean;
  readonly version: string;
  /** @default a new one */
  readonly token?: string;
  readonly clock?: Clock;
  /** @default the built page */
  readonly page?: Page;
  /** How long somebody may take to send a request. */
  readonly request?: { readonly headersMs: number; readonly wholeMs: number };
}

export interface Console {
  /** To be opened in a browser: with the token, after a `#`, which stays in the browser. */
  readonly address: string;
  /** Ends all calls and streams, and follows the source no more. */
  stop(): Promise<void>;
}

const REQUEST_LIMITS = { headersMs: 10_000, wholeMs: 20_000 };

/** Serves the console of a source to a browser on this machine. @throws {OpsError} where the port is taken. */
export async function startConsole(source: ConsoleSource, options: ConsoleOptions): Promise<Console> {
  const { readOnly, version, token = randomBytes(32).toString('base64url'), clock = systemClock } = options;
  const limits = options.request ?? REQUEST_LIMITS;
  const page = createPage(options.page ?? (await loadPage()));
  const stopping = new AbortController();
  const { signal } = stopping;
  const ring = createRing();
  const guardToken = createTokenGuard(token);
  const secrets = createSecrets(source.documents);
  const { conceal } = secrets;
  const learn = createLearning(secrets, { clock, signal });
  const show = createShow();
  const run = randomBytes(8).toString('hex');
  const streams = createStreams({ ring, flow: () => source.flow(), run, show, conceal, clock, signal });
  const destinations = createDestinationReader(secrets.documents, source.about.sinks);
  const context: Context = { source, ring, show, secrets, destinations, clock };
  const about: About = { ...source.about, readOnly, version };
  const endpoints: Endpoints = {
    'GET /api/about': { run: () => about },
    ...eventEndpoints(context),
    ...letterEndpoints(context),
    ...destinationEndpoints(context),
    ...savingEndpoints(context),
    ...silenceEndpoints(context),
    ...receiverEndpoints(context),
  };
  const api: ApiOptions = { endpoints, readOnly, learn, conceal, clock, signal };
  const server = createServer({
    headersTimeout: limits.headersMs,
    requestTimeout: limits.wholeMs,
    connectionsCheckingInterval: Math.min(5000, limits.headersMs),
  });
  server.on('request', (request, response) => void answer(request, response));
  const port = await listen();
  const following = keepFollowing(source, (observations) => ring.accept(observations), { clock, signal });
  return {
    address: `http://127.0.0.1:${port}/#token=${token}`,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      stopping.abort();
      server.closeAllConnections();
      await closed;
      await following;
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const url = URL.parse(request.url ?? '/', 'http://console');
      if (!url) throw new Refusal(400, 'this is no address');
      const isPage = request.method === 'GET' && page.has(url.pathname);
      guardOrigin(request.headers, port, isPage);
      if (isPage) {
        page.serve(url.pathname, request, response);
        return;
      }
      guardToken(request.headers);
      if (request.method === 'GET' && url.pathname === '/api/stream') streams.open(request, response);
      else await answerCall(url, request, response, api);
    } catch (error) {
      sendRefusal(response, refusalOf(error), conceal);
    }
  }

  async function listen(): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', (error) => {
      const why = codeOf(error) === 'EADDRINUSE' ? 'something else listens there' : codeOf(error) || error.message;
      reject(new OpsError(`the console cannot listen on 127.0.0.1:${options.port}: ${why}; choose another port`));
    });
    server.listen(options.port, '127.0.0.1', resolve);
    await promise;
    const address = server.address();
    return typeof address === 'object' && address ? address.port : options.port;
  }
}
