import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below every ephemeral range (Linux starts at 32768, others later), so that no outgoing connection and no server that
 * listens on port 0 takes a port while its service is starting or restarting.
 */
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** That many different loopback ports on which nothing listens. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
