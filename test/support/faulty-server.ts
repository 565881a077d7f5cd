import { connect, createServer, type Socket } from 'node:net';

/** How a service that the relay depends on behaves. `hang` and `hang-body`: it accepts, and does not answer, or not to the end. */
export type Weather = 'fine' | 'refuse' | 'hang' | 'hang-body' | 'garbage';

export const FAULTS = ['refuse', 'hang', 'hang-body', 'garbage'] as const satisfies readonly Weather[];

/** A way to a server on the loopback, on which faults happen. */
export interface FaultyRoute {
  readonly port: number;
  weather: Weather;
  /** Connections that are open now. */
  readonly open: number;
  /** Connections so far. */
  readonly connections: number;
  close(): Promise<void>;
}

/**
 * Passes bytes on to a port while the weather is fine. A change of weather breaks the connections there are, as a restart of
 * the service would, so that the fault is met at once.
 */
export async function startFaultyRoute(targetPort: number): Promise<FaultyRoute> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let weather: Weather = 'fine';

  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    meet(socket);
  });

  function meet(socket: Socket): void {
    switch (weather) {
      case 'fine':
        passOn(socket, targetPort);
        break;
      case 'refuse':
        socket.resetAndDestroy();
        break;
      case 'hang':
        socket.resume();
        break;
      case 'hang-body':
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"a');
          socket.resume();
        });
        break;
      case 'garbage':
        socket.once('data', () =>
          socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n<html>not what you asked for'),
        );
        break;
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    get weather() {
      return weather;
    },
    set weather(next) {
      weather = next;
      for (const socket of sockets) socket.resetAndDestroy();
    },
    get open() {
      return sockets.size;
    },
    get connections() {
      return connections;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function passOn(socket: Socket, port: number): void {
  const upstream = connect(port, '127.0.0.1');
  upstream.on('error', () => socket.destroy());
  upstream.on('close', () => socket.destroy());
  socket.on('close', () => upstream.destroy());
  socket.pipe(upstream).pipe(socket);
}
