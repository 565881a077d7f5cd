import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type SecureContextOptions } from 'node:tls';
import { BSON, type Document } from 'mongodb';

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;

/** A server that speaks MongoDB's wire protocol and answers commands as the test says: for what the real one cannot be made to do. */
export interface MongoServer {
  readonly address: string;
  /** The commands received, handshakes left out. */
  readonly commands: readonly Document[];
  /** Connections that were ever made. */
  readonly connections: () => number;
  readonly stop: () => void;
}

/** `answer` gives the reply to a command, by default `{ ok: 1 }`, or breaks the connection. With a certificate it speaks TLS only. */
export async function startMongoServer(
  answer: (name: string, command: Document) => Document | 'break' | undefined,
  certificate?: SecureContextOptions,
): Promise<MongoServer> {
  const commands: Document[] = [];
  const sockets = new Set<Socket>();
  let made = 0;
  const onConnection = (socket: Socket): void => {
    sockets.add(socket);
    made += 1;
    let pending = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      pending = Buffer.concat([pending, data]);
      while (pending.length >= 4 && pending.length >= pending.readInt32LE(0)) {
        const message = pending.subarray(0, pending.readInt32LE(0));
        pending = pending.subarray(message.length);
        const command = commandIn(message);
        const name = Object.keys(command)[0] ?? '';
        const isHandshake = ['hello', 'ismaster', 'isMaster'].includes(name);
        if (!isHandshake) commands.push(command);
        const reply = isHandshake ? handshake() : (answer(name, command) ?? { ok: 1 });
        if (reply === 'break') socket.destroy();
        else socket.write(replyTo(message, reply));
      }
    });
  };
  const server = certificate ? createTlsServer(certificate, onConnection) : createServer(onConnection);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('a port was expected');
  return {
    address: `127.0.0.1:${address.port}`,
    commands,
    connections: () => made,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function handshake(): Document {
  return {
    ok: 1,
    helloOk: true,
    isWritablePrimary: true,
    ismaster: true,
    minWireVersion: 0,
    maxWireVersion: 21,
    maxBsonObjectSize: 16 * 1024 * 1024,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    saslSupportedMechs: ['SCRAM-SHA-256'],
  };
}

function commandIn(message: Buffer): Document {
  if (message.readInt32LE(12) === OP_QUERY) {
    const nameEnd = message.indexOf(0, 20);
    return BSON.deserialize(message.subarray(nameEnd + 9));
  }
  let command: Document = {};
  for (let at = 20; at < message.length;) {
    const kind = message[at];
    at += 1;
    const size = message.readInt32LE(at);
    if (kind === 0) command = { ...BSON.deserialize(message.subarray(at, at + size)), ...command };
    else command = { ...command, ...documentSequence(message.subarray(at, at + size)) };
    at += size;
  }
  return command;
}

function documentSequence(section: Buffer): Document {
  const nameEnd = section.indexOf(0, 4);
  const documents: Document[] = [];
  for (let at = nameEnd + 1; at < section.length;) {
    const size = section.readInt32LE(at);
    documents.push(BSON.deserialize(section.subarray(at, at + size)));
    at += size;
  }
  return { [section.subarray(4, nameEnd).toString()]: documents };
}

function replyTo(message: Buffer, document: Document): Buffer {
  const isQuery = message.readInt32LE(12) === OP_QUERY;
  const body = BSON.serialize(document);
  // Flags, then for OP_REPLY cursor, offset and number of documents, for OP_MSG the kind of the section.
  const head = isQuery ? Buffer.from([...Array.from({ length: 16 }, () => 0), 1, 0, 0, 0]) : Buffer.alloc(5);
  const header = Buffer.alloc(16);
  header.writeInt32LE(16 + head.length + body.length, 0);
  header.writeInt32LE(message.readInt32LE(4), 8);
  header.writeInt32LE(isQuery ? OP_REPLY : OP_MSG, 12);
  return Buffer.concat([header, head, body]);
}
