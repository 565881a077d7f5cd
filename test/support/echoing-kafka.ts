import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type SecureContextOptions } from 'node:tls';

const SASL_HANDSHAKE = 17;
const API_VERSIONS = 18;
const SASL_AUTHENTICATE = 36;
const SASL_AUTHENTICATION_FAILED = 58;
const HEADER_BYTES = 12;

/** A broker of Kafka that refuses every login, and repeats it in its refusal as the test says. */
export interface EchoingKafka {
  readonly port: number;
  /** The logins it got, as bytes of the protocol. */
  readonly logins: readonly Buffer[];
  readonly stop: () => void;
}

/** With a certificate it speaks TLS only. */
export async function startEchoingKafka(
  mechanism: string,
  refusal: (login: Buffer) => string,
  certificate?: SecureContextOptions,
): Promise<EchoingKafka> {
  const logins: Buffer[] = [];
  const sockets: Socket[] = [];
  const onConnection = (socket: Socket): void => {
    sockets.push(socket);
    socket.on('error', () => {});
    let pending = Buffer.alloc(0);
    socket.on('data', (data) => {
      pending = Buffer.concat([pending, data]);
      while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE(0)) {
        const request = pending.subarray(0, 4 + pending.readInt32BE(0));
        pending = pending.subarray(request.length);
        socket.write(framed(request.subarray(8, 12), answer(request)));
      }
    });
  };
  const server = certificate ? createTlsServer(certificate, onConnection) : createServer(onConnection);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('a port was expected');
  return {
    port: address.port,
    logins,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };

  function answer(request: Buffer): Buffer {
    switch (request.readInt16BE(4)) {
      case API_VERSIONS:
        return Buffer.concat([
          int16(0),
          int32(3),
          ...[API_VERSIONS, SASL_HANDSHAKE, SASL_AUTHENTICATE].flatMap((key) => [int16(key), int16(0), int16(1)]),
        ]);
      case SASL_HANDSHAKE:
        return Buffer.concat([int16(0), int32(1), text(mechanism)]);
      default: {
        const clientId = request.readInt16BE(HEADER_BYTES);
        const login = request.subarray(HEADER_BYTES + 2 + clientId + 4);
        logins.push(login);
        return Buffer.concat([int16(SASL_AUTHENTICATION_FAILED), text(refusal(login)), int32(0), Buffer.alloc(8)]);
      }
    }
  }
}

function framed(correlationId: Buffer, body: Buffer): Buffer {
  return Buffer.concat([int32(4 + body.length), correlationId, body]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([int16(bytes.length), bytes]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
