import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Document } from 'mongodb';
import type { ClusterEvent } from '../../../functions/core/contract/event.ts';
import { sampleEvent } from '../../../functions/core/contract/sample.ts';
import { classify } from '../../../functions/sinks/mongo/classify.ts';
import { config } from '../../../functions/sinks/mongo/config.ts';
import { expectDocumented } from '../../support/documented-codes.ts';
import { openDestination, type LiveDestination } from '../../support/live-destination.ts';
import { startMongoServer, type MongoServer } from '../../support/mongo-server.ts';
import { makeCertificates } from '../../support/services/certificates.ts';

const delivered = { status: 'delivered' };

describe('the mongo sink and a server that refuses', () => {
  const servers: MongoServer[] = [];
  const destinations: LiveDestination[] = [];

  afterEach(async () => {
    await Promise.all(destinations.splice(0).map((destination) => destination.close()));
    for (const server of servers.splice(0)) server.stop();
  });

  it('writes with the write concern majority and without retries of its own, unless the URI says otherwise', async () => {
    const { server, destination } = await against(() => undefined);

    await destination.deliver([version(1)]);

    expect(server.commands).toMatchObject([
      { insert: 'event', $db: 'k8s', ordered: false, writeConcern: { w: 'majority' } },
    ]);
    expect(server.commands[0]).not.toHaveProperty('txnNumber');
  });

  it('gives each document its own outcome, and looks whether a duplicate is one of _id', async () => {
    const duplicate = 'E11000 duplicate key error collection: k8s.event index: event_id_1 dup key: { event_id: "x" }';
    const { server, destination } = await against((name) =>
      name === 'find'
        ? { ok: 1, cursor: { id: 0n, ns: 'k8s.event', firstBatch: [{ _id: 'prod/one/2' }] } }
        : {
            ok: 1,
            n: 1,
            writeErrors: [
              { index: 1, code: 11000, errmsg: 'E11000 duplicate key error' },
              { index: 2, code: 121, errmsg: 'Document failed validation' },
              { index: 3, code: 11000, errmsg: duplicate },
            ],
          },
    );

    expect(await destination.deliver([1, 2, 3, 4].map(version))).toMatchObject([
      delivered,
      delivered,
      { status: 'rejected', scope: 'event', code: 'document_refused' },
      { status: 'rejected', scope: 'event', code: 'duplicate_key', detail: 'index: event_id_1' },
    ]);
    expect(server.commands[1]).toMatchObject({ find: 'event', filter: { _id: { $in: ['prod/one/2', 'prod/one/4'] } } });
  });

  it('finds the document for which the server refuses them all', async () => {
    const tooLarge = { ok: 0, code: 10334, errmsg: 'BSONObj size is invalid' };
    const { server, destination } = await against((_name, { documents = [] }) =>
      documents.some(({ _id }: Document) => _id === 'prod/one/2') ? tooLarge : undefined,
    );

    expect(await destination.deliver([version(1), version(2), version(3)])).toMatchObject([
      delivered,
      { status: 'rejected', scope: 'event', code: 'document_too_large' },
      delivered,
    ]);
    expect(server.commands).toHaveLength(5);
  });

  it('finds the event of a failed operation in mode latest, where each has two', async () => {
    const { destination } = await against(
      () => ({ ok: 1, n: 3, writeErrors: [{ index: 3, code: 121, errmsg: 'Document failed validation' }] }),
      { mode: 'latest' },
    );

    expect(await destination.deliver([version(1), version(2), version(3)])).toMatchObject([
      delivered,
      { code: 'document_refused' },
      delivered,
    ]);
  });

  it('retries everything that the write concern does not confirm', async () => {
    const { destination } = await against(() => ({
      ok: 1,
      n: 2,
      writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' },
    }));

    const unconfirmed = { status: 'retry', code: 'write_concern_failed', detail: 'waiting for replication timed out' };
    expect(await destination.deliver([version(1), version(2)])).toEqual([unconfirmed, unconfirmed]);
  });

  it.each([
    [{ ok: 0, code: 13, errmsg: 'not authorized on k8s to execute command' }, 'rejected', 'permission_denied'],
    [{ ok: 0, code: 10107, errmsg: 'not primary' }, 'retry', 'not_primary'],
    [{ ok: 0, code: 16500, errmsg: 'Request rate is large' }, 'retry', 'throttled'],
    [{ ok: 0, code: 8000, errmsg: 'you are over your space quota, using 513 MB of 512 MB' }, 'retry', 'server_full'],
    [
      { ok: 0, code: 8000, errmsg: 'user is not allowed to do action [insert] on [k8s.event]' },
      'rejected',
      'permission_denied',
    ],
    [{ ok: 0, code: 8000, errmsg: 'bad auth : Authentication failed.' }, 'rejected', 'authentication_failed'],
    [{ ok: 0, code: 8000, errmsg: 'connection attempt failed' }, 'retry', 'server_error'],
    [{ ok: 0, code: 14031, errmsg: 'OutOfDiskSpace' }, 'retry', 'server_error'],
    [{ ok: 1, n: 0, writeErrors: [{ index: 0, code: 16500, errmsg: 'Request rate is large' }] }, 'retry', 'throttled'],
    ['break', 'retry', 'connection_lost'],
  ] as const)('takes the answer %j for %s %s', async (answer, status, code) => {
    const { destination } = await against(() => answer);

    expect(await destination.deliver([version(1)])).toMatchObject([{ status, code }]);
  });

  it('rejects the destination on a wrong password, and never shows it', async () => {
    const { server, destination } = await against(
      (name) => (name === 'saslStart' ? { ok: 0, code: 18, errmsg: 'Authentication failed.' } : undefined),
      {},
      'kube-courier:not-the-password@',
    );

    const outcomes = await destination.deliver([version(1)]);

    expect(outcomes).toMatchObject([{ status: 'rejected', scope: 'destination', code: 'authentication_failed' }]);
    expect(JSON.stringify(outcomes)).not.toContain('not-the-password');
    expect(server.commands.map((command) => Object.keys(command)[0])).not.toContain('insert');
  });

  it.each(['mongodb://host:notaport/', 'mongodb://host/?w=1&unknownOption=s3cret', 'mongodb://user:pass%word@host/'])(
    'rejects the destination when the driver cannot read the URI %s',
    async (uri) => {
      const destination = await openDestination('mongo', { options: {}, secrets: { uri } });

      expect(await destination.deliver([version(1)])).toEqual([
        {
          status: 'rejected',
          scope: 'destination',
          code: 'invalid_uri',
          detail: 'the driver cannot read the connection string',
        },
      ]);
    },
  );

  it.each([
    [
      'a broken connection',
      { name: 'MongoNetworkError', message: 'connection 1 to 127.0.0.1 closed' },
      'connection_lost',
    ],
    ['a silent server', { name: 'MongoNetworkTimeoutError', message: 'connection timed out' }, 'timeout'],
    [
      'a host that is not known',
      { name: 'MongoServerSelectionError', message: '', reason: { error: { cause: { code: 'ENOTFOUND' } } } },
      'host_not_found',
    ],
    ['no server that takes writes', { name: 'MongoServerSelectionError', message: 'timed out' }, 'no_server'],
    ['a pool that is gone', { name: 'MongoPoolClosedError', message: 'closed' }, 'server_error'],
    ['something that is no error at all', 'what', 'server_error'],
  ])('retries with a new client after %s', (_what, error, code) => {
    expect(classify(error)).toMatchObject({ status: 'retry', code, reconnect: true });
  });

  it('names a host that cannot be found', () => {
    const cause = { code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND db.invalid' };
    const error = { name: 'MongoServerSelectionError', message: '', reason: { error: { cause } } };
    expect(classify(error)).toMatchObject({ detail: 'the host db.invalid cannot be found' });
  });

  it('keeps its client after an error of the server, and makes a new one after the connection broke', async () => {
    let answer: Document | 'break' | undefined;
    const { server, destination } = await against(() => answer);
    const deliver = () => destination.deliver([version(1)]);
    const connections = async (): Promise<number> => {
      await deliver();
      return server.connections();
    };

    const first = await connections();
    answer = { ok: 0, code: 10107, errmsg: 'not primary' };
    expect(await connections()).toBe(first);
    answer = 'break';
    expect(await deliver()).toMatchObject([{ status: 'retry', code: 'connection_lost' }]);
    answer = undefined;
    expect(await deliver()).toEqual([delivered]);
    expect(server.connections()).toBeGreaterThan(first);
  });

  it('retries when nobody listens', async () => {
    const uri = 'mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200';
    const destination = await openDestination('mongo', { options: {}, secrets: { uri } });
    destinations.push(destination);

    expect(await destination.deliver([version(1)])).toMatchObject([{ status: 'retry', code: 'connection_refused' }]);
  });

  it('speaks TLS with the authority that is given, and retries where it trusts none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kube-courier-mongo-'));
    const files = await makeCertificates(folder);
    const [ca, cert, key] = await Promise.all(
      [files.caFile, files.certificateFile, files.keyFile].map((file) => readFile(file, 'utf8')),
    );
    const server = await startMongoServer(() => undefined, { cert, key });
    servers.push(server);
    const uri = `mongodb://${server.address}/?serverSelectionTimeoutMS=500`;
    const outcomes = [];
    for (const tls of [{ ca }, { insecure: true }, true]) {
      const destination = await openDestination('mongo', { options: { tls }, secrets: { uri } });
      destinations.push(destination);
      outcomes.push(...(await destination.deliver([version(1)])));
    }
    await rm(folder, { recursive: true });

    expect(outcomes).toMatchObject([delivered, delivered, { status: 'retry', code: 'tls_failed' }]);
  });

  it.each([
    ['a broken connection', { name: 'MongoNetworkError', message: 'connection closed' }, 'connection_lost'],
    [
      'a refused one',
      { name: 'MongoNetworkError', message: '', cause: { code: 'ECONNREFUSED' } },
      'connection_refused',
    ],
    ['a request without a reply', { name: 'MongoNetworkTimeoutError', message: 'timed out' }, 'timeout'],
    ['a cluster without a server', { name: 'MongoServerSelectionError', message: 'none' }, 'no_server'],
    ['an error nobody knows', { name: 'MongoServerError', code: 14031, message: 'OutOfDiskSpace' }, 'server_error'],
  ])('retries with a new client after %s', (_what, error, code) => {
    expect(classify(error)).toMatchObject({ status: 'retry', code, reconnect: true });
  });

  it('documents every code it can return', () => {
    const outcomes = Array.from({ length: 20_000 }, (_, code) =>
      classify({ code, name: 'MongoServerError', message: '' }),
    );
    expectDocumented(config, outcomes);
  });

  async function against(
    answer: (name: string, command: Document) => Document | 'break' | undefined,
    options: Record<string, unknown> = {},
    login = '',
  ): Promise<{ server: MongoServer; destination: LiveDestination }> {
    const server = await startMongoServer(answer);
    servers.push(server);
    const uri = `mongodb://${login}${server.address}/`;
    const destination = await openDestination('mongo', { options, secrets: { uri } });
    destinations.push(destination);
    return { server, destination };
  }
});

function version(n: number): ClusterEvent {
  return sampleEvent({ metadata: { uid: 'one', resourceVersion: String(n) }, message: `version ${n}`, count: n });
}
