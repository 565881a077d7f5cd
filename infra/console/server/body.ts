import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';

const MAX_BYTES = 256 * 1024;

/** The JSON in a request's body. @throws {Refusal} if it is none, or too much. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json *(;|$)/i.test(type)) throw new Refusal(415, 'expected a body of the type application/json');
  if (Number(request.headers['content-length'] ?? 0) > MAX_BYTES) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Not destroyed, because the connection still carries the answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const part: Buffer = chunk;
    bytes += part.length;
    if (bytes > MAX_BYTES) throw tooLarge();
    chunks.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new Refusal(400, 'expected a body of JSON');
  }
}

function tooLarge(): Refusal {
  return new Refusal(413, `expected at most ${MAX_BYTES} bytes`);
}
