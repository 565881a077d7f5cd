import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { TLSSocket, type SecureContextOptions } from 'node:tls';

const CAPABILITIES = 0x1 | 0x8 | 0x200 | 0x800 | 0x8000 | 0x80000;
const OK = Buffer.from([0, 0, 0, 2, 0, 0, 0]);
const COM_QUERY = 3;
const SSL_REQUEST_BYTES = 36;

/**
 * A server that logs users in as Amazon RDS does with IAM: TLS, then a switch to the clear-text plugin. It collects the
 * passwords it gets, accepts every SET, and answers anything else with "table does not exist".
 */
export interface IamMysqlServer {
  readonly port: number;
  readonly passwords: readonly string[];
  readonly stop: () => void;
}

/** @param refusal what it says to a password, if it refuses every one. */
export async function startIamMysqlServer(
  certificate: SecureContextOptions,
  refusal?: (password: string) => string,
): Promise<IamMysqlServer> {
  const passwords: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.write(packet(0, handshake()));
    socket.once('readable', () => {
      // The request for TLS; without it the next packet would be the user's, in the clear.
      const request: Buffer | null = socket.read(SSL_REQUEST_BYTES);
      if (request?.readUIntLE(0, 3) !== SSL_REQUEST_BYTES - 4) socket.destroy();
      else logIn(new TLSSocket(socket, { isServer: true, ...certificate }), passwords, refusal);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('a port was expected');
  return { port: address.port, passwords, stop: () => server.close() };
}

function logIn(socket: Socket, passwords: string[], refusal?: (password: string) => string): void {
  let step = 0;
  socket.on('error', () => {});
  socket.on('data', (data) => {
    const sequence = (data[3] ?? 0) + 1;
    step += 1;
    if (step === 1) {
      socket.write(packet(sequence, Buffer.from('\u00FEmysql_clear_password\0', 'latin1')));
    } else if (step === 2) {
      const password = data.subarray(4, -1).toString();
      passwords.push(password);
      socket.write(packet(sequence, refusal ? accessDenied(refusal(password)) : OK));
    } else {
      socket.write(packet(sequence, data[4] === COM_QUERY ? OK : tableMissing()));
    }
  });
}

function packet(sequence: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header[3] = sequence;
  return Buffer.concat([header, payload]);
}

function handshake(): Buffer {
  const fixed = Buffer.alloc(8);
  fixed.writeUInt16LE(CAPABILITIES & 0xffff, 0);
  fixed[2] = 45;
  fixed.writeUInt16LE(2, 3);
  fixed.writeUInt16LE(CAPABILITIES >>> 16, 5);
  fixed[7] = 21;
  return Buffer.concat([
    Buffer.from('\u000A8.0.40\0', 'latin1'),
    Buffer.from([1, 0, 0, 0]),
    Buffer.from('saltsalt\0'),
    fixed,
    Buffer.alloc(10),
    Buffer.from('saltsaltsalt\0'),
    Buffer.from('mysql_native_password\0'),
  ]);
}

function accessDenied(message: string): Buffer {
  return Buffer.concat([Buffer.from([0xff, 0x15, 0x04]), Buffer.from(`#28000${message}`)]);
}

function tableMissing(): Buffer {
  return Buffer.concat([
    Buffer.from([0xff, 0x7a, 0x04]),
    Buffer.from("#42S02Table 'events.kube_events' doesn't exist"),
  ]);
}
