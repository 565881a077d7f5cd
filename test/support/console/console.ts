import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { ConsoleSource } from '../../../infra/console/source.ts';
import { startConsole, type ConsoleOptions } from '../../../infra/console/server/server.ts';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** The body, as JSON. */
  readonly json: unknown;
}

export interface CallOptions {
  /** @default the token */
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, or a text as it is. */
  readonly body?: unknown;
}

export interface ServerEvent {
  readonly event: string;
  readonly id: string | undefined;
  // oxlint-disable-next-line typescript/no-explicit-any -- a test says what it expects
  readonly data: any;
}

export interface TestStream {
  readonly status: number;
  /** The next event; undefined once the stream has ended. */
  next(): Promise<ServerEvent | undefined>;
  /** The next event of a name. */
  nextOf(event: string): Promise<ServerEvent>;
  close(): void;
}

export interface TestConsole {
  readonly port: number;
  readonly token: string;
  call(method: string, path: string, options?: CallOptions): Promise<Reply>;
  /** Sends bytes, and resolves to all that comes back until the connection ends. */
  wire(bytes: string): Promise<string>;
  stream(lastEventId?: string): Promise<TestStream>;
  stop(): Promise<void>;
}

/** A console on loopback, with a small page. */
export async function startTestConsole(
  source: ConsoleSource,
  options: Partial<ConsoleOptions> = {},
): Promise<TestConsole> {
  const page = { script: 'export {};', style: 'body{}' };
  const started = await startConsole(source, {
    port: 0,
    readOnly: false,
    version: '1.2.3',
    page,
    ...options,
  });
  const { port: portText, hash } = new URL(started.address);
  const [port, token] = [Number(portText), hash.replace('#token=', '')];
  const authorized = { authorization: `Bearer ${token}` };
  return { port, token, call, wire, stream, stop: () => started.stop() };

  async function call(method: string, path: string, { headers = authorized, body }: CallOptions = {}): Promise<Reply> {
    const bytes = typeof body === 'string' ? body : JSON.stringify(body);
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await send(method, path, { ...type, ...headers }, bytes);
    const text = (await response.toArray()).join('');
    const isJson = response.headers['content-type']?.startsWith('application/json') ?? false;
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      text,
      json: isJson ? JSON.parse(text) : undefined,
    };
  }

  function send(method: string, path: string, headers: object, body?: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, method, path, headers: { ...headers }, agent: false }, resolve);
      sent.on('error', reject);
      sent.end(body);
    });
  }

  function wire(bytes: string): Promise<string> {
    return new Promise((resolve) => {
      let text = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
      socket.setEncoding('utf8');
      socket.on('data', (chunk) => (text += chunk));
      // However it ends.
      socket.on('close', () => resolve(text));
      socket.on('error', () => undefined);
    });
  }

  async function stream(lastEventId?: string): Promise<TestStream> {
    const resumed = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    const response = await send('GET', '/api/stream', { ...authorized, ...resumed });
    // What breaks off has ended.
    response.on('error', () => undefined);
    const events = eventsIn(response);
    const next = async (): Promise<ServerEvent | undefined> => {
      try {
        return (await events.next()).value ?? undefined;
      } catch {
        return undefined;
      }
    };
    return {
      status: response.statusCode ?? 0,
      next,
      async nextOf(event) {
        for (;;) {
          const found = await next();
          if (!found) throw new Error(`the stream has ended without ${event}`);
          if (found.event === event) return found;
        }
      },
      close: () => void response.destroy(),
    };
  }
}

async function* eventsIn(response: IncomingMessage): AsyncGenerator<ServerEvent, undefined> {
  let text = '';
  response.setEncoding('utf8');
  for await (const chunk of response) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const fields = new Map(
        text
          .slice(0, end)
          .split('\n')
          .map((line): [string, string] => {
            const colon = line.indexOf(': ');
            return [line.slice(0, colon), line.slice(colon + 2)];
          }),
      );
      text = text.slice(end + 2);
      const data = fields.get('data');
      if (data !== undefined) yield { event: fields.get('event') ?? '', id: fields.get('id'), data: JSON.parse(data) };
    }
  }
  return undefined;
}
