import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Refusal } from './refusal.ts';

/**
 * Refuses what no page of this server sends. Another name that leads to this machine is DNS rebinding, and a page on another port is
 * another origin: whoever opens it must not reach the console through this browser.
 * @throws {Refusal}
 */
export function guardOrigin(headers: IncomingHttpHeaders, port: number, isPage: boolean): void {
  const { host = '', origin } = headers;
  if (![`127.0.0.1:${port}`, `localhost:${port}`].includes(host))
    throw new Refusal(421, `this console is at http://127.0.0.1:${port} alone`);
  if (origin !== undefined && origin !== `http://${host}`)
    throw new Refusal(403, 'this request comes from a page of another origin');
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return;
  // A link that somebody follows, from a terminal in a browser or a chat, opens the page, in which there is nothing yet.
  const isFollowed = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  if (!(isPage && isFollowed)) throw new Refusal(403, 'this request comes from a page of another site');
}

/** Whether a request brings the token. How long it takes says nothing about how much of it is right. */
export function createTokenGuard(token: string): (headers: IncomingHttpHeaders) => void {
  const expected = digest(`Bearer ${token}`);
  return ({ authorization = '' }) => {
    if (timingSafeEqual(digest(authorization), expected)) return;
    throw new Refusal(
      401,
      'the token is missing or not of this console: open the address that it printed when it started',
    );
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
