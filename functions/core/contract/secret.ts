import { inspect } from 'node:util';

/** What stands in place of a secret. */
export const REDACTED = '[secret]';

/** A value that cannot be printed by accident: only `reveal()` gives it out, and that name is easy to search for. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}

/** All secret values inside a parsed secrets document, longest first, so that a part never unmasks the whole. */
export function secretValues(document: unknown): readonly string[] {
  const values: string[] = [];
  const visit = (value: unknown): void => {
    if (value instanceof Secret) values.push(value.reveal());
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  visit(document);
  return values.filter((value) => value !== '').toSorted((a, b) => b.length - a.length);
}

/**
 * A secret, and what of it travels by itself: of a URL its password, path and query and the tokens in them, of an authorization
 * its credentials, and what they hold where that is a login.
 */
export function partsOf(secret: string): readonly string[] {
  return [secret, ...partsOfUrl(secret), ...partsOfAuthorization(secret)];
}

function partsOfUrl(text: string): readonly string[] {
  const [, scheme, login = '', path, query = ''] =
    /^([a-z][a-z0-9+.-]*):\/\/(?:([^/?#]*)@)?[^/?#]*([^?#]*)(?:\?([^#]*))?/i.exec(text) ?? [];
  if (scheme === undefined || path === undefined) return [];
  const values = query.split('&').map((pair) => pair.slice(pair.indexOf('=') + 1));
  // Elsewhere the path names a database.
  const isWeb = /^https?$/i.test(scheme);
  return [
    ...partsOfLogin(decoded(login)),
    ...(isWeb ? [path, `${path}?${query}`].filter((target) => target.length > 2) : []),
    ...[...(isWeb ? path.split('/') : []), ...values].filter(isToken),
  ];
}

function partsOfAuthorization(text: string): readonly string[] {
  const [, scheme, credentials] = /^([a-z][a-z0-9-]*) +(\S.*)$/i.exec(text) ?? [];
  if (scheme === undefined || credentials === undefined) return [];
  const login = /^basic$/i.test(scheme) ? Buffer.from(credentials, 'base64').toString() : '';
  const named = credentials.split(/[,\s]+/).map((pair) => pair.slice(pair.indexOf('=') + 1));
  return [...[credentials, ...named].filter(isToken), ...partsOfLogin(login)];
}

function partsOfLogin(login: string): readonly string[] {
  const colon = login.indexOf(':');
  return colon < 0 ? [] : [login, login.slice(colon + 1)];
}

/** Whether a part is none of the words that URLs and headers are made of, such as `services` or `webhook`. */
function isToken(text: string): boolean {
  return !/\s/.test(text) && (text.length >= 20 || (text.length >= 8 && !/^[a-z._-]+$/.test(text)));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
