import { connect, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';

const KEEP_ALIVE_DELAY_MS = 60_000;

// Every reply starts with its correlation id; the largest, the metadata of one topic, is far smaller than this.
const MIN_FRAME_BYTES = 4;
const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/**
 * The sockets of kafkajs, which throws out of the reach of its caller, and so ends the process, when a server that is none
 * of Kafka sends it frames of an impossible size: those break the connection instead.
 */
export function createSocketFactory(): ISocketFactory {
  return function createSocket({ host, port, ssl, onConnect }) {
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket = ssl ? connectTls({ host, port, ...name, ...ssl }, onConnect) : connect({ host, port }, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
    const isPlausible = frameCheck();
    const emit = socket.emit.bind(socket);
    socket.emit = (event: string | symbol, ...args: unknown[]): boolean => {
      const [chunk] = args;
      if (event !== 'data' || !Buffer.isBuffer(chunk) || isPlausible(chunk)) return emit(event, ...args);
      socket.destroy(new Error('the server does not speak the protocol of Kafka'));
      return true;
    };
    return socket;
  };
}

/** A check that follows a stream from its start, chunk by chunk: whether all sizes of frames so far are possible. */
export function frameCheck(): (chunk: Buffer) => boolean {
  let size = Buffer.alloc(0);
  let remaining = 0;
  return function isPlausible(chunk) {
    let at = 0;
    while (at < chunk.length) {
      if (remaining > 0) {
        const skipped = Math.min(remaining, chunk.length - at);
        remaining -= skipped;
        at += skipped;
        continue;
      }
      const part = chunk.subarray(at, at + 4 - size.length);
      size = Buffer.concat([size, part]);
      at += part.length;
      if (size.length < 4) return true;
      remaining = size.readInt32BE(0);
      size = Buffer.alloc(0);
      if (remaining < MIN_FRAME_BYTES || remaining > MAX_FRAME_BYTES) return false;
    }
    return true;
  };
}
