import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { RunningEndpoint } from '../../localstack/emulator/endpoint.ts';

export interface Forwarded {
  /** As functions reach it. */
  readonly url: string;
  close(): void;
}

/** Lets functions reach a server of this test: those in containers do through a port that is not on the loopback. */
export async function forward({ receivers }: Pick<RunningEndpoint, 'receivers'>, url: string): Promise<Forwarded> {
  const { bind, host } = receivers;
  if (host === '127.0.0.1') return { url, close: () => {} };
  const forwarder = createServer((socket) => {
    const target = connect(Number(new URL(url).port), '127.0.0.1');
    socket.pipe(target).pipe(socket);
    socket.on('error', () => target.destroy());
    target.on('error', () => socket.destroy());
  }).listen(0, bind);
  await once(forwarder, 'listening');
  const address = forwarder.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { url: `http://${host}:${port ?? ''}`, close: () => forwarder.close() };
}
