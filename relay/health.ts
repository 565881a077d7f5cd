import { createServer } from 'node:http';

/** Whether a relay does its work, and what is wrong, or what it does. */
export interface Readiness {
  readonly ready: boolean;
  readonly text: string;
}

/** What the health server asks when it is asked. */
export interface HealthSource {
  /** Why the process should be restarted; undefined while it should not. */
  alive(): string | undefined;
  /** Whether the relay does its work, and the reason if not or what it is doing if so. */
  ready(): Readiness;
  metrics(): string;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves `/healthz`, `/readyz` and `/metrics`. @throws {Error} if the port cannot be had. */
export function startHealthServer(host: string, port: number, source: HealthSource): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const [status, type, text] = answer((request.url ?? '').split('?')[0] ?? '', source);
    response.writeHead(status, { 'content-type': `${type}; charset=utf-8` }).end(text);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : port,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      });
    });
  });
}

function answer(path: string, source: HealthSource): readonly [status: number, type: string, text: string] {
  switch (path) {
    case '/healthz': {
      const reason = source.alive();
      return reason === undefined ? [200, 'text/plain', 'ok\n'] : [503, 'text/plain', `${reason}\n`];
    }
    case '/readyz': {
      const { ready, text } = source.ready();
      return [ready ? 200 : 503, 'text/plain', `${text}\n`];
    }
    case '/metrics':
      return [200, 'text/plain; version=0.0.4', source.metrics()];
    default:
      return [404, 'text/plain', 'try /healthz, /readyz or /metrics\n'];
  }
}
