import http from 'node:http';
import https from 'node:https';
import { BlockList, isIP } from 'node:net';

type Environment = Readonly<Record<string, string | undefined>>;

/** Through which proxy a server is reached; undefined: through none. */
export type ProxyFor = (server: URL) => URL | undefined;

/**
 * The proxies of an environment: `HTTPS_PROXY` and `HTTP_PROXY` by the server's scheme, less what `NO_PROXY` names; a name
 * in lower case goes first. Read as curl and Kubernetes' own tools read them.
 * @throws {Error} that names the variable, if one of them is no proxy's address.
 */
export function proxiesOf(env: Environment): ProxyFor {
  const proxies = { 'https:': proxyOf(env, 'HTTPS_PROXY'), 'http:': proxyOf(env, 'HTTP_PROXY') };
  const isDirect = directHosts(valueOf(env, 'NO_PROXY') ?? '');
  return (server) => {
    const proxy = server.protocol === 'https:' ? proxies['https:'] : proxies['http:'];
    return proxy === undefined || isDirect(server) ? undefined : proxy;
  };
}

/** A proxy's address for people: without user and password. */
export function proxyName(proxy: URL): string {
  return `${proxy.protocol}//${proxy.host}`;
}

/** A connection that is silent for this long is probed: a NAT between forgets silent ones after minutes, and says nothing. */
export const PROBE_AFTER_MS = 30_000;

/** A server's name or address, as connections need it. */
export function hostOf(server: URL): string {
  return withoutBrackets(server.hostname);
}

/** Connections to servers of a scheme, through a proxy if there is one. Close it with `destroy`. */
export function createAgent(protocol: string, proxy: URL | undefined): http.Agent {
  const options = {
    keepAlive: true,
    keepAliveMsecs: PROBE_AFTER_MS,
    ...(proxy !== undefined && { proxyEnv: { https_proxy: proxy.href, http_proxy: proxy.href } }),
  };
  return protocol === 'http:' ? new http.Agent(options) : new https.Agent(options);
}

function valueOf(env: Environment, name: string): string | undefined {
  return env[name.toLowerCase()]?.trim() || env[name]?.trim() || undefined;
}

function proxyOf(env: Environment, name: string): URL | undefined {
  const text = valueOf(env, name);
  if (text === undefined) return undefined;
  // A proxy may be written without its scheme.
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    // The value may hold a password.
    throw new Error(`${name} is not the address of an HTTP proxy: it must be like http://proxy.example.com:3128`);
  }
  return url;
}

/** What is reached without a proxy: a list of names, addresses, ranges of them, or `*`, each with a port or without. */
function directHosts(list: string): (server: URL) => boolean {
  const rules = list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map((entry) => directHost(entry.toLowerCase()));
  return (server) => {
    const host = hostOf(server);
    const port = server.port || (server.protocol === 'https:' ? '443' : '80');
    return rules.some((rule) => rule(host, port));
  };
}

function directHost(entry: string): (host: string, port: string) => boolean {
  if (entry === '*') return () => true;
  const range = rangeOf(entry);
  if (range !== undefined) return (host) => range.check(host, familyOf(host));
  const [, name = entry, onlyPort] = /^(.*[^:]|\[.*\]):(\d{1,5})$/.exec(isIP(entry) === 6 ? '' : entry) ?? [];
  const wanted = withoutBrackets(name);
  const isNamed = isIP(wanted) === 0 ? domainRule(wanted) : (host: string): boolean => host === wanted;
  return (host, port) => (onlyPort === undefined || onlyPort === port) && isNamed(host);
}

/** `example.com` names itself and what is below it, `.example.com` and `*.example.com` only the latter. */
function domainRule(entry: string): (host: string) => boolean {
  const domain = entry.replace(/^\*?\./, '');
  const isItself = domain === entry;
  return (host) => (isItself && host === domain) || host.endsWith(`.${domain}`);
}

/** `10.0.0.0/8`, `fd00::/8`, or `10.0.0.1-10.0.0.9`; undefined if it is neither. */
function rangeOf(entry: string): BlockList | undefined {
  const [from = '', bits = '', rest] = entry.split('/');
  const [low = '', high = ''] = entry.split('-');
  const list = new BlockList();
  if (isIP(from) !== 0 && /^\d{1,3}$/.test(bits) && rest === undefined) {
    if (Number(bits) > (isIP(from) === 4 ? 32 : 128)) return undefined;
    list.addSubnet(from, Number(bits), familyOf(from));
    return list;
  }
  if (isIP(low) === 4 && isIP(high) === 4) {
    list.addRange(low, high, 'ipv4');
    return list;
  }
  return undefined;
}

/** An IPv6 address stands in brackets where a port may follow. */
function withoutBrackets(host: string): string {
  return host.replaceAll(/[[\]]/g, '');
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
