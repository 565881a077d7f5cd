import type { HttpServer, Responder } from './http-server.ts';

/** How a service fails that accepts connections. */
const faults: Readonly<Record<string, Responder>> = {
  'breaks the connection': () => 'break',
  'hangs before the headers': () => 'hang',
  'hangs in the body': () => 'stall',
  'answers a page': () => ({ headers: { 'content-type': 'text/html' }, body: '<html>down for maintenance</html>' }),
  'answers an empty object': () => ({ body: '{}' }),
  'answers nothing': () => ({}),
  'answers a page with status 500': () => ({ status: 500, body: '<html>oops</html>' }),
};

/** What a service does to everybody who calls it, by a name for the test. */
export const outages: readonly (readonly [string, (server: HttpServer) => void | Promise<void>])[] = [
  ['refuses connections', (server) => server.stop()],
  ...Object.entries(faults).map(
    ([name, responder]) => [name, (server: HttpServer) => server.respond(responder)] as const,
  ),
];
