import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { TLSSocket, type SecureContextOptions } from 'node:tls';

/** A server that logs users in as Amazon RDS does with IAM: TLS, then a password in clear text. It refuses every password. */
export interface IamPostgresServer {
  readonly port: number;
  readonly passwords: readonly string[];
  readonly stop: () => void;
}

const SSL_REQUEST_BYTES = 8;
const CLEARTEXT_PASSWORD = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]);
const PASSWORD_MESSAGE = 0x70;

/** @param refusal what it says to a password. */
export async function startIamPostgresServer(
  certificate: SecureContextOptions,
  refusal: (password: string) => string,
): Promise<IamPostgresServer> {
  const passwords: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('readable', () => {
      // The request for TLS; without it the next message would be the user's, in the clear.
      const request: Buffer | null = socket.read(SSL_REQUEST_BYTES);
      if (request?.readUInt32BE(4) !== 80_877_103) return void socket.destroy();
      socket.write('S');
      logIn(new TLSSocket(socket, { isServer: true, ...certificate }), passwords, refusal);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('a port was expected');
  return { port: address.port, passwords, stop: () => server.close() };
}

function logIn(socket: Socket, passwords: string[], refusal: (password: string) => string): void {
  socket.on('error', () => {});
  socket.on('data', (data) => {
    if (data[0] !== PASSWORD_MESSAGE) {
      socket.write(CLEARTEXT_PASSWORD);
      return;
    }
    const password = data.subarray(5, -1).toString();
    passwords.push(password);
    socket.end(refused(refusal(password)));
  });
}

function refused(message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0C28P01\0M${message}\0\0`);
  const header = Buffer.alloc(5, 'E');
  header.writeUInt32BE(fields.length + 4, 1);
  return Buffer.concat([header, fields]);
}
