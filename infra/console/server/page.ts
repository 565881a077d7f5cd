import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Page } from '../assets.ts';
import { SECURITY_HEADERS } from './headers.ts';

const DOCUMENT = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>kube-courier</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
<script type="module" src="/main.js"></script>
</head>
<body><div id="root"></div></body>
</html>
`;

interface Asset {
  readonly type: string;
  readonly plain: Buffer;
  readonly packed: Buffer;
}

/** What is served without a token: there is nothing secret in it. A path is looked up, and never leads to a file. */
export function createPage({ script, style }: Page): {
  has(path: string): boolean;
  serve(path: string, request: IncomingMessage, response: ServerResponse): void;
} {
  const assets = new Map([
    ['/', asset('text/html; charset=utf-8', DOCUMENT)],
    ['/main.js', asset('text/javascript; charset=utf-8', script)],
    ['/style.css', asset('text/css; charset=utf-8', style)],
  ]);
  return {
    has: (path) => assets.has(path),
    serve(path, request, response) {
      const found = assets.get(path);
      const isPacked = /\bgzip\b/.test(String(request.headers['accept-encoding']));
      const headers = {
        ...SECURITY_HEADERS,
        'content-type': found?.type ?? '',
        'cache-control': 'no-cache',
        vary: 'accept-encoding',
      };
      response.writeHead(200, isPacked ? { ...headers, 'content-encoding': 'gzip' } : headers);
      response.end(isPacked ? found?.packed : found?.plain);
    },
  };
}

function asset(type: string, text: string): Asset {
  const plain = Buffer.from(text);
  return { type, plain, packed: gzipSync(plain) };
}
