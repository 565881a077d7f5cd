import { readFile } from 'node:fs/promises';
import type http from 'node:http';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { exchange, type ExchangeAnswer } from '../../functions/core/aws/exchange.ts';
import { recordOf, textOf } from '../../functions/core/contract/untrusted.ts';
import { createAgent, proxyName, type ProxyFor } from '../proxy.ts';
import type { AwsCredentials, CredentialSource } from './credentials.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Limit of one request; a source may make several. */
const REQUEST_LIMIT_MS = 5000;

/**
 * The SDK's credential chain, with a limit and the proxies for every request it makes. What a container is given (EKS Pod
 * Identity, ECS) is asked for here: the SDK's own provider waits for ever for an agent that does not answer.
 * @param env the process' environment: the chain reads it by itself.
 */
export function credentialSource(env: Environment, proxyFor: ProxyFor): CredentialSource {
  const container = containerEndpoint(env);
  return container === undefined ? chainSource(env, proxyFor) : containerSource(container, env);
}

function chainSource(env: Environment, proxyFor: ProxyFor): CredentialSource {
  const isWebIdentity = Boolean(env['AWS_WEB_IDENTITY_TOKEN_FILE']) && !hasKeys(env) && !env['AWS_PROFILE'];
  let asked = '';
  const requestHandler = {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request: SdkRequest): Promise<{ response: SdkResponse }> {
      const url = urlOf(request);
      const proxy = proxyFor(url);
      asked = ` at ${url.host}${proxy === undefined ? '' : ` through the proxy ${proxyName(proxy)}`}`;
      const { method, headers, body } = request;
      const agent = createAgent(url.protocol, proxy);
      const answer = await exchangeOnce({ url, agent, method, headers, body });
      return { response: { statusCode: answer.status, headers: textHeaders(answer), body: Buffer.from(answer.text) } };
    },
  };
  return {
    ask: () => defaultProvider({ clientConfig: { requestHandler } })(),
    name: () => `${isWebIdentity ? 'AWS STS' : "the SDK's credential chain"}${asked}`,
  };
}

/** A request of the SDK's clients. */
interface SdkRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

interface SdkResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

function urlOf({ protocol, hostname, port, path, query = {} }: SdkRequest): URL {
  const url = new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`);
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) url.searchParams.append(name, textOf(each));
  }
  return url;
}

function textHeaders({ headers }: ExchangeAnswer): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]));
}

/** Where a container's credentials are to be had; undefined where others go first, as in the SDK's chain. */
function containerEndpoint(env: Environment): URL | undefined {
  if (hasKeys(env) || env['AWS_PROFILE'] || env['AWS_WEB_IDENTITY_TOKEN_FILE']) return undefined;
  const relative = env['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'];
  const full = env['AWS_CONTAINER_CREDENTIALS_FULL_URI'];
  if (relative) return new URL(relative, 'http://169.254.170.2');
  return full ? new URL(full) : undefined;
}

function containerSource(url: URL, env: Environment): CredentialSource {
  const isPodIdentity = POD_IDENTITY_HOSTS.includes(url.hostname);
  return {
    name: () => `${isPodIdentity ? 'the EKS Pod Identity agent' : 'the credentials endpoint'} at ${url.host}`,
    async ask() {
      if (url.protocol !== 'https:' && !mayBeToldTheToken(url.hostname)) {
        throw new Error(`${url.host} is not asked without TLS: it is neither this machine nor AWS' agent on it`);
      }
      const file = env['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'];
      const token = file ? await readFile(file, 'utf8') : (env['AWS_CONTAINER_AUTHORIZATION_TOKEN'] ?? '');
      const headers = token === '' ? {} : { authorization: token.trim() };
      // It is on this machine: no proxy leads there.
      const agent = createAgent(url.protocol, undefined);
      return containerCredentials(await exchangeOnce({ url, agent, method: 'GET', headers }));
    },
  };
}

const POD_IDENTITY_HOSTS = ['169.254.170.23', '[fd00:ec2::23]'];

function mayBeToldTheToken(host: string): boolean {
  return [...POD_IDENTITY_HOSTS, '169.254.170.2', 'localhost', '[::1]'].includes(host) || /^127(\.\d+){3}$/.test(host);
}

/** @throws {Error} if the answer is none, without its text: that may hold secrets. */
function containerCredentials({ status, text }: ExchangeAnswer): AwsCredentials {
  const { AccessKeyId, SecretAccessKey, Token, Expiration, Code, Message } = recordOf(parseOr(text));
  if (status !== 200) throw new Error([`HTTP ${status}`, textOf(Code), textOf(Message)].filter(Boolean).join(' '));
  const accessKeyId = textOf(AccessKeyId);
  const secretAccessKey = textOf(SecretAccessKey);
  const expiration = new Date(textOf(Expiration));
  if (accessKeyId === '' || secretAccessKey === '' || Number.isNaN(expiration.getTime())) {
    throw new Error('its answer has no AccessKeyId, SecretAccessKey and Expiration');
  }
  return { accessKeyId, secretAccessKey, expiration, ...(textOf(Token) !== '' && { sessionToken: textOf(Token) }) };
}

/** An exchange on a connection of its own: credentials are asked for once an hour. */
async function exchangeOnce(
  request: Omit<Parameters<typeof exchange>[0], 'limitMs'> & { readonly agent: http.Agent },
): Promise<ExchangeAnswer> {
  try {
    return await exchange({ ...request, limitMs: REQUEST_LIMIT_MS });
  } finally {
    request.agent.destroy();
  }
}

function hasKeys(env: Environment): boolean {
  return Boolean(env['AWS_ACCESS_KEY_ID'] && env['AWS_SECRET_ACCESS_KEY']);
}

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
