import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { sampleEvent } from '../../../functions/core/contract/sample.ts';
import { startEchoingKafka } from '../../support/echoing-kafka.ts';
import { startIamMysqlServer } from '../../support/iam-mysql-server.ts';
import { startIamPostgresServer } from '../../support/iam-postgres-server.ts';
import { openDestination } from '../../support/live-destination.ts';
import { startMongoServer } from '../../support/mongo-server.ts';
import { makeCertificates } from '../../support/services/certificates.ts';

const PASSWORD = 'a/p@ss "wörd"+%';

/** How a server may write down the bytes of a login. */
const ways: readonly (readonly [string, (login: Buffer) => string])[] = [
  ['as text', (login) => login.toString()],
  ['in base64', (login) => login.toString('base64')],
  ['in hex', (login) => login.toString('hex')],
  ['percent-encoded', (login) => encodeURIComponent(login.toString())],
  ['in JSON', (login) => JSON.stringify({ login: login.toString() })],
];

describe.each(ways)('a login that the server repeats %s', (_, write) => {
  const open: { readonly stop: () => unknown }[] = [];

  afterEach(async () => {
    for (const { stop } of open.splice(0).toReversed()) await stop();
  });

  /** What is shown of a refused delivery: the bytes around the password may be, the password may not. */
  async function refusal(type: string, documents: Parameters<typeof openDestination>[1]): Promise<string> {
    const destination = await openDestination(type, documents);
    open.push({ stop: () => destination.close() });
    const [outcome] = await destination.deliver([sampleEvent()]);
    expect(outcome).toMatchObject({ status: 'rejected', code: 'authentication_failed' });
    return outcome && 'detail' in outcome ? outcome.detail : '';
  }

  async function certificates(): Promise<{ ca: string; cert: string; key: string }> {
    const folder = await mkdtemp(join(tmpdir(), 'kube-courier-echo-'));
    open.push({ stop: () => rm(folder, { recursive: true }) });
    const { caFile, certificateFile, keyFile } = await makeCertificates(folder);
    const read = (file: string): Promise<string> => readFile(file, 'utf8');
    return { ca: await read(caFile), cert: await read(certificateFile), key: await read(keyFile) };
  }

  function expectConcealed(shown: string, login: Buffer | undefined, secret: string): void {
    expect(login?.toString()).toContain(secret);
    expect(shown).toContain('[secret]');
    expect(shown).not.toContain(write(Buffer.from(secret)));
    expect(shown).not.toContain(write(login ?? Buffer.alloc(0)));
  }

  it('is not shown by kafka: a password', async () => {
    const server = await startEchoingKafka('PLAIN', (login) => `no such login: ${write(login)}`);
    open.push(server);
    const options = { brokers: [`127.0.0.1:${server.port}`], topic: 'events', auth: 'plain', username: 'kube' };

    const shown = await refusal('kafka', { options, secrets: { password: PASSWORD } });

    expectConcealed(shown, server.logins[0], PASSWORD);
  });

  it('is not shown by mongo: a password', async () => {
    const logins: Buffer[] = [];
    const server = await startMongoServer((name, { payload }) => {
      if (name !== 'saslStart') return undefined;
      logins.push(Buffer.from(payload.buffer));
      return { ok: 0, code: 18, errmsg: `no such login: ${write(logins[0] ?? Buffer.alloc(0))}` };
    });
    open.push(server);
    const login = `kube:${encodeURIComponent(PASSWORD)}`;
    const uri = `mongodb://${login}@${server.address}/?authMechanism=PLAIN&authSource=$external`;

    const shown = await refusal('mongo', { options: {}, secrets: { uri } });

    expectConcealed(shown, logins[0], PASSWORD);
  });

  it('is not shown by kafka: a token of AWS', async () => {
    const { ca, cert, key } = await certificates();
    const server = await startEchoingKafka('OAUTHBEARER', (login) => `no such login: ${write(login)}`, { cert, key });
    open.push(server);
    const options = { brokers: [`localhost:${server.port}`], topic: 'events', auth: 'msk-iam', tls: { ca } };

    const shown = await refusal('kafka', { options });

    const token = /Bearer ([\w-]+)/.exec(server.logins[0]?.toString() ?? '')?.[1] ?? 'none';
    expectConcealed(shown, server.logins[0], token);
  });

  it('is not shown by mysql: a token of AWS', async () => {
    const { ca, cert, key } = await certificates();
    const server = await startIamMysqlServer(
      { cert, key },
      (password) => `no such login: ${write(Buffer.from(password))}`,
    );
    open.push(server);
    const { port } = server;
    const options = { host: 'localhost', port, database: 'events', username: 'kube', auth: 'rds-iam', tls: { ca } };

    const shown = await refusal('mysql', { options });

    const signature = /X-Amz-Signature=([0-9a-f]+)/.exec(server.passwords[0] ?? '')?.[1] ?? 'none';
    expectConcealed(shown, Buffer.from(server.passwords[0] ?? ''), signature);
  });

  it('is not shown by postgres: a token of AWS', async () => {
    const { ca, cert, key } = await certificates();
    const server = await startIamPostgresServer(
      { cert, key },
      (password) => `no such login: ${write(Buffer.from(password))}`,
    );
    open.push(server);
    const { port } = server;
    const options = { host: 'localhost', port, database: 'events', username: 'kube', auth: 'rds-iam', tls: { ca } };

    const shown = await refusal('postgres', { options });

    const signature = /X-Amz-Signature=([0-9a-f]+)/.exec(server.passwords[0] ?? '')?.[1] ?? 'none';
    expectConcealed(shown, Buffer.from(server.passwords[0] ?? ''), signature);
  });
});
