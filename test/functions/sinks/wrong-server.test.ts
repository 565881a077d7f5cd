import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleEvent } from '../../../functions/core/contract/sample.ts';
import { openDestination } from '../../support/live-destination.ts';

describe('a wire protocol and a server that is another', () => {
  let server: Server;
  let port: number;
  let greeting = Buffer.alloc(0);
  const sockets: Socket[] = [];

  beforeAll(async () => {
    server = createServer((socket) => {
      socket.on('error', () => {});
      sockets.push(socket);
      socket.write(greeting);
      socket.once('data', () => socket.write(greeting));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('a port was expected');
    ({ port } = address);
  });

  afterAll(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });

  const types = [
    ['kafka', () => ({ options: { brokers: [`127.0.0.1:${port}`], topic: 'events' } })],
    ['mysql', () => ({ options: { host: '127.0.0.1', port, database: 'events', username: 'u' } })],
    ['postgres', () => ({ options: { host: '127.0.0.1', port, database: 'events', username: 'u' } })],
    ['mongo', () => ({ options: {}, secrets: { uri: `mongodb://127.0.0.1:${port}/` } })],
  ] as const;

  it.each(types)(
    'is given up by %s at the deadline of the invocation when it says nothing',
    async (type, documents) => {
      greeting = Buffer.alloc(0);
      const destination = await openDestination(type, documents());

      const outcomes = await destination.deliver([sampleEvent()], { timeoutMs: 300 });
      await destination.close();

      expect(outcomes).toMatchObject([{ status: 'retry', code: 'timeout' }]);
    },
  );

  it.each(types)('makes %s retry when it talks nonsense', async (type, documents) => {
    const nonsense = [
      Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'),
      // MongoDB's driver does not survive an empty message, and there is nothing between it and its sockets.
      ...(type === 'mongo' ? [] : [Buffer.from([0, 0, 0, 0])]),
      Buffer.from([4, 0, 0, 0, 255, 255, 255, 255]),
      Buffer.alloc(64, 255),
      Buffer.alloc(64, 10),
    ];
    const outcomes = [];
    for (greeting of nonsense) {
      const destination = await openDestination(type, documents());
      outcomes.push(...(await destination.deliver([sampleEvent()], { timeoutMs: 300 })));
      await destination.close();
    }

    expect(outcomes.map(({ status }) => status)).toEqual(nonsense.map(() => 'retry'));
  });
});
