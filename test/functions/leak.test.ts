import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SinkCase } from '../../functions/core/contract/case.ts';
import { docs } from '../../functions/core/contract/config.ts';
import { sampleEvent, sampleEventIn } from '../../functions/core/contract/sample.ts';
import { recordOf } from '../../functions/core/contract/untrusted.ts';
import { startHttpServer, type HttpServer, type ReceivedRequest } from '../support/http-server.ts';
import { encodings } from '../support/secret-forms.ts';
import {
  clientsOf,
  destinationOf,
  loadSink,
  recordingClient,
  replayer,
  run,
  sinkTypes,
  type AnySink,
  type Run,
} from '../support/sink-under-test.ts';

// The law: what is shown does not depend on a secret. Each case runs twice, with other secrets the second time; whatever of the
// requests differs then was made of them, and the service repeats it in its answer. Both runs must show the same.

const loaded = await Promise.all(sinkTypes.map(async (type) => ({ type, ...(await loadSink(type)) })));

/** What a case is run with, once and again. */
interface Side {
  readonly example: SinkCase;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
  };
}

const STATUSES = [200, 302, 400, 401, 403, 500];

let server: HttpServer;
beforeAll(async () => {
  server = await startHttpServer(() => 'break');
});
afterAll(() => server.stop());

describe.each(loaded)('sink $type', ({ sink, cases }) => {
  const examples = withEverySecret(sink, cases);
  if (examples.length === 0) {
    it('has no secrets', () => {
      expect(Object.keys(sink.config.secrets.shape)).toEqual([]);
    });
    return;
  }

  it.each(examples)('shows nothing made of a secret that the service repeats: $name', async (example) => {
    const [one, other] = sidesOf(example);
    const [pieces, otherPieces] = [await derived(sink, one, other), await derived(sink, other, one)];
    expect(pieces.length).toBeGreaterThan(0);
    for (const [index, piece] of pieces.entries()) {
      for (const encode of [encodings['as it is'], encodings['in base64 after one byte']]) {
        if (!encode) continue;
        const echo = encode(piece);
        const shown = await runEchoing(sink, one, echo);
        expect(shown).toEqual(await runEchoing(sink, other, encode(otherPieces[index] ?? '')));
        expect(JSON.stringify(shown)).not.toContain(echo);
      }
    }
  });

  const ways = examples.filter(({ exchanges }) => exchanges).filter(isFirstOfItsKind);
  if (ways.length === 0) return;

  it.each(ways)(
    'shows nothing made of a secret in an answer of any status, nor after a rotation: $name',
    async (example) => {
      const sides = sidesOf(example);
      const pieces = [await derived(sink, ...sides), await derived(sink, sides[1], sides[0])] as const;
      const clients = clientsOf(sink);
      for (const [index, side] of sides.entries()) {
        const destination = destinationOf(sink, side.example, `${index + 1}`);
        // The event of the example: a signature is of what it sends.
        const events = [sampleEventIn(example.context)];
        const common = { server, clients, now: example.now, credentials: side.credentials };
        // What it fetches, it fetches here.
        server.respond(replayer(side.example.exchanges ?? []));
        await run(sink, destination, events, common);
        for (const status of STATUSES) {
          for (const piece of pieces.slice(0, index + 1).flat()) {
            const text = piece.replace(/[^\x20-\x7E]/g, '?').slice(0, 2000);
            server.respond(() => ({ status, statusText: text, headers: { 'x-echo': text }, body: piece }));
            const { outcomes, lines } = await run(sink, destination, events, common);
            expect(JSON.stringify([outcomes, lines])).not.toContain(JSON.stringify(piece).slice(1, -1));
          }
        }
      }
    },
  );
});

describe('a login with a password of two letters', () => {
  const logins = [
    ['influxdb', { endpoint: 'https://influx.example.com', api: 'v1', database: 'k8s', username: 'kube' }],
    ['elasticsearch', { endpoint: 'https://es.example.com', username: 'kube' }],
  ] as const;

  it.each(logins)('is not shown by %s', async (type, options) => {
    const { sink } = await loadSink(type);
    server.respond(({ headers }) => ({
      status: 400,
      body: JSON.stringify({ error: `refused ${headers['authorization']}` }),
    }));
    const destination = destinationOf(sink, { options, secrets: { password: 'pw' } });

    const { outcomes, requests } = await run(sink, destination, [sampleEvent()], { server });

    expect(requests[0]?.headers['authorization']).toBe(`Basic ${Buffer.from('kube:pw').toString('base64')}`);
    expect(JSON.stringify(outcomes)).toMatch(/refused \[secret\]/);
  });
});

function isFirstOfItsKind(example: SinkCase, index: number, all: readonly SinkCase[]): boolean {
  const kind = ({ options, secrets }: SinkCase): string => JSON.stringify([options, secrets]);
  return all.findIndex((other) => kind(other) === kind(example)) === index;
}

/** The cases that send something secret; where none has a field of the secrets, one more with its example. */
function withEverySecret(sink: AnySink, cases: readonly SinkCase[]): readonly SinkCase[] {
  const secret = cases.filter(({ options, secrets, exchanges }) => {
    const plain = (sink.config.plainSecrets ?? []).some((name) => Object.hasOwn(options, name));
    // A vendor's client signs by itself: then there is no request to see.
    const signs = exchanges !== undefined && /aws|iam/i.test(JSON.stringify(options));
    return plain || Object.keys(secrets ?? {}).length > 0 || signs;
  });
  const [first] = secret;
  const used = new Set(secret.flatMap(({ options, secrets }) => [options, secrets ?? {}].flatMap(Object.keys)));
  const missing = Object.entries(sink.config.secrets.shape).filter(([name]) => !used.has(name));
  const more = missing.map(([name, schema]) => ({
    ...first,
    name: `with ${name}`,
    options: first?.options ?? {},
    events: first?.events ?? [],
    outcomes: first?.outcomes ?? [],
    secrets: { ...first?.secrets, [name]: docs.get(schema)?.example },
  }));
  return [...secret, ...more];
}

function sidesOf(example: SinkCase): readonly [Side, Side] {
  const credentials = {
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'aws-secret-key-of-the-suite',
    sessionToken: 'session+token/of=the/suite==',
  };
  const options = Object.fromEntries(
    Object.entries(example.options).map(([name, value]) => [
      name,
      name === 'url' || name === 'accessKeyId' ? changed(value) : value,
    ]),
  );
  const exchanges = example.exchanges?.map((exchange) => ({ ...exchange, reply: withChangedToken(exchange.reply) }));
  const other = { ...example, options, secrets: recordOf(changed(example.secrets)), ...(exchanges && { exchanges }) };
  return [
    { example, credentials },
    {
      example: other,
      credentials: {
        ...credentials,
        secretAccessKey: String(changed(credentials.secretAccessKey)),
        sessionToken: String(changed(credentials.sessionToken)),
      },
    },
  ];
}

/** A secret of the same form: another letter or digit for each of its second half, hosts aside. */
function changed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(changed);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, changed(inner)]));
  if (typeof value !== 'string') return value;
  const [, head, login, host, rest] = /^(\w+(?:\+\w+)?:\/\/)(?:([^@/]*)@)?([^/?]*)(.*)$/.exec(value) ?? [];
  if (head !== undefined) {
    const [user, password] = login?.split(':') ?? [];
    return `${head}${login === undefined ? '' : `${user}:${turned(password ?? '')}@`}${host}${turned(rest ?? '')}`;
  }
  const middle = Math.floor(value.length / 2);
  return value.slice(0, middle) + turned(value.slice(middle));
}

function turned(text: string): string {
  return text.replace(/[a-y]|[A-Y]|[0-8]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 1));
}

/** A service gives each secret a token of its own. */
function withChangedToken<T extends { readonly body?: unknown }>(reply: T): T {
  const body = recordOf(reply.body);
  const token = body['access_token'];
  return typeof token === 'string' ? { ...reply, body: { ...body, access_token: changed(token) } } : reply;
}

/** Everything that is different in the requests of one side, and its secrets themselves. */
async function derived(sink: AnySink, side: Side, other: Side): Promise<readonly string[]> {
  const [mine, its] = [await piecesOf(sink, side), await piecesOf(sink, other)];
  expect([...mine.keys()]).toEqual([...its.keys()]);
  return [
    ...new Set([...mine].filter(([name, piece]) => piece !== '' && piece !== its.get(name)).map(([, piece]) => piece)),
  ];
}

async function piecesOf(sink: AnySink, side: Side): Promise<ReadonlyMap<string, string>> {
  const { secretValues } = destinationOf(sink, side.example);
  const secrets = secretValues.map((value, index) => [`secret ${index}`, value] as const);
  const { requests } = await runEchoing(sink, side, '', 'requests too');
  return new Map([...secrets, ...requests.flatMap((request, index) => piecesOfRequest(request, `request ${index}`))]);
}

function piecesOfRequest(
  request: ReceivedRequest & { readonly url: string },
  place: string,
): readonly (readonly [string, string])[] {
  const { path, headers, body } = request;
  const url = new URL(path, 'http://127.0.0.1');
  return [
    [`${place} path`, path],
    [`${place} pathname`, url.pathname],
    ...[...url.searchParams].map(([name, value]) => [`${place} query ${name}`, value] as const),
    ...Object.entries(headers).flatMap(([name, value]) => [
      [`${place} header ${name}`, value] as const,
      [`${place} end of header ${name}`, value.split(/[ ,=]/).at(-1) ?? ''] as const,
    ]),
    [`${place} body`, body],
  ];
}

async function runEchoing(sink: AnySink, side: Side, echo: string, what: 'requests too'): Promise<Run>;
async function runEchoing(sink: AnySink, side: Side, echo: string): Promise<Omit<Run, 'requests'>>;
async function runEchoing(sink: AnySink, { example, credentials }: Side, echo: string, what?: 'requests too') {
  const exchanges = (example.exchanges ?? []).map(({ request, reply }) => ({
    request,
    reply: { ...reply, body: echoing(reply.body, echo) },
  }));
  server.respond(replayer(exchanges));
  const calls = example.calls?.map((call) => ({
    ...call,
    ...(call.returns !== undefined && { returns: echoing(call.returns, echo) }),
    ...(call.throws && { throws: recordOf(echoing(call.throws, echo)) }),
  }));
  const result = await run(
    sink,
    destinationOf(sink, example),
    example.events.map((fields) => sampleEventIn(example.context, fields)),
    {
      server,
      now: example.now,
      credentials,
      ...(calls && { client: recordingClient(calls).client }),
    },
  );
  const { requests, ...shown } = result;
  return what === undefined ? shown : { ...shown, requests };
}

/** A reply that says the echo after each of its texts for people. */
function echoing(value: unknown, echo: string, name = 'message'): unknown {
  if (Array.isArray(value)) return value.map((item) => echoing(item, echo, name));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, echoing(inner, echo, field)]));
  const isForPeople = /message|msg|reason|error$|detail/i.test(name);
  return typeof value === 'string' && isForPeople ? `${value} ${echo}` : value;
}
