import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { codeOf } from '../../functions/core/contract/untrusted.ts';

/** As much of S3 as an archive needs to be written, with a folder in the place of a bucket. */
export interface ArchiveServer {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Any bucket's objects become files of the folder, by their keys. One that is there is never replaced. */
export async function startArchiveServer(folder: string): Promise<ArchiveServer> {
  const server = createServer((request, response) => {
    void answer(request, folder).then(({ status, code }) => response.writeHead(status).end(code && errorBody(code)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

interface Answer {
  readonly status: number;
  readonly code?: string;
}

async function answer(request: IncomingMessage, folder: string): Promise<Answer> {
  const body = await buffer(request);
  if (request.method !== 'PUT' || request.headers['if-none-match'] !== '*')
    return { status: 501, code: 'NotImplemented' };
  // URL resolves `..`, so that what is left is below the folder.
  const [, , ...key] = new URL(request.url ?? '/', 'http://s3').pathname.split('/').map(decodeURIComponent);
  if (key.length === 0 || key.some((name) => name === '' || name.startsWith('.') || /[/\\]/.test(name)))
    return { status: 400, code: 'InvalidURI' };
  const file = join(folder, ...key);
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, body, { flag: 'wx' });
    return { status: 200 };
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return { status: 412, code: 'PreconditionFailed' };
    return { status: 500, code: 'InternalError' };
  }
}

function errorBody(code: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`;
}
