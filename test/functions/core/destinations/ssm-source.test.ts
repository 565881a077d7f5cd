import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DocumentSource } from '../../../../functions/core/destinations/documents.ts';
import { ssmCalls } from '../../../../functions/core/destinations/ssm-calls.ts';
import { ssmSource } from '../../../../functions/core/destinations/ssm-source.ts';
import { testAccess } from '../../../support/aws/access.ts';
import { outages } from '../../../support/faults.ts';
import { refusal, startSsm, type SsmOperation, type TestSsm } from '../../../support/ssm.ts';

let ssm: TestSsm;
let env: Readonly<Record<string, string>>;
let source: DocumentSource;

beforeEach(async () => {
  ssm = await startSsm();
  env = { AWS_ENDPOINT_URL_SSM: ssm.url };
  // The pauses between attempts are a random part of seconds: none of it.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  source = ssmSource(ssmCalls(testAccess, env), '/courier/');
  return () => ssm.stop();
});
afterEach(() => vi.restoreAllMocks());

const calls: readonly (readonly [SsmOperation, (signal: AbortSignal) => Promise<unknown>])[] = [
  ['GetParametersByPath', (signal) => source.list('destinations', 'log', signal)],
  ['GetParameters', (signal) => source.read('secrets', ['log/a', 'log/b'], signal)],
  ['GetParameterHistory', (signal) => source.history('destinations', 'log/a', signal)],
];

describe('the parameter store', () => {
  it('lists all pages of a tree: documents with their text, what is encrypted without', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) ssm.put(`/courier/destinations/log/${name}`, name);
    ssm.put('/courier/destinations/log/b', 'B');
    ssm.put('/courier/destinations/log/h', 'cipher', 'SecureString');
    ssm.put('/courier/destinations/webhook/a', 'other');
    ssm.put('/courier/secrets/log/a', 'cipher', 'SecureString');
    const listed = await source.list('destinations', 'log');
    expect([...listed.keys()]).toEqual('abcdefgh'.split('').map((name) => `log/${name}`));
    expect(listed.get('log/b')).toEqual({ version: '2', text: 'B' });
    expect(listed.get('log/h')).toEqual({ version: '1' });
    expect((await source.list('destinations')).get('webhook/a')).toEqual({ version: '1', text: 'other' });
    expect(await source.list('secrets', 'log')).toEqual(new Map([['log/a', { version: '1' }]]));
    expect(ssm.asked('GetParametersByPath').some((input) => 'WithDecryption' in input)).toBe(false);
  });

  it('lists silences with their text, what is encrypted without', async () => {
    ssm.put('/courier/silences/rollout', 'document');
    ssm.put('/courier/silences/odd', 'cipher', 'SecureString');
    expect(await source.list('silences')).toEqual(
      new Map<string, unknown>([
        ['rollout', { version: '1', text: 'document' }],
        ['odd', { version: '1' }],
      ]),
    );
    expect(ssm.asked('GetParametersByPath')).toMatchObject([{ Path: '/courier/silences' }]);
  });

  it('reads ten at a time, decrypted; what has gone is absent', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `log/${index}`);
    for (const id of ids) ssm.put(`/courier/secrets/${id}`, `secret of ${id}`, 'SecureString');
    ssm.remove('/courier/secrets/log/11');
    const texts = await source.read('secrets', ids);
    expect([...texts.keys()]).toEqual(ids.slice(0, 11));
    expect(texts.get('log/10')).toEqual({ version: '1', text: 'secret of log/10' });
    expect(ssm.asked('GetParameters')).toHaveLength(2);
  });

  it('gives the versions of a document newest first, over all pages', async () => {
    for (let version = 1; version <= 11; version += 1) ssm.put('/courier/secrets/log/a', `v${version}`, 'SecureString');
    const versions = await source.history('secrets', 'log/a');
    expect(versions.map(({ version }) => version)).toEqual('11 10 9 8 7 6 5 4 3 2 1'.split(' '));
    expect(versions[0]?.text).toBe('v11');
    expect(ssm.asked('GetParameterHistory')[0]).toMatchObject({ WithDecryption: true });
  });

  it('reads the others where one secret cannot be decrypted', async () => {
    for (const name of ['a', 'b', 'c']) ssm.put(`/courier/secrets/log/${name}`, name, 'SecureString');
    ssm.lock('/courier/secrets/log/b');
    expect(await source.read('secrets', ['log/a', 'log/b', 'log/c'])).toEqual(
      new Map<string, unknown>([
        ['log/a', { version: '1', text: 'a' }],
        ['log/b', { failure: 'InvalidKeyId: KMSInvalidStateException: the key is disabled' }],
        ['log/c', { version: '1', text: 'c' }],
      ]),
    );
  });
});

describe.each(calls)('%s', (operation, call) => {
  const never = new AbortController().signal;

  it.each(outages)('is an error, not "there are none", when SSM %s', async (_name, fail) => {
    ssm.put('/courier/secrets/log/a', 's3cr3t', 'SecureString');
    await fail(ssm);
    await expect(call(AbortSignal.timeout(300))).rejects.toBeInstanceOf(Error);
  });

  it.each(['hang', 'stall'] as const)('repeats an attempt that is not answered but lets it %s', async (fault) => {
    source = ssmSource(ssmCalls(testAccess, env, { connectMs: 200, answerMs: 200 }), '/courier/');
    ssm.script(operation, () => {
      ssm.script(operation);
      return fault;
    });
    await call(never);
    expect(ssm.asked(operation).length).toBeGreaterThan(1);
  });

  it('repeats a throttled call as long as there is time', async () => {
    let left = 15;
    ssm.script(operation, () => {
      left -= 1;
      if (left === 0) ssm.script(operation);
      return refusal('ThrottlingException', 'Rate exceeded');
    });
    await call(never);
    expect(ssm.asked(operation)).toHaveLength(16);
  });

  it('ends with its signal, also between two attempts', async () => {
    vi.mocked(Math.random).mockReturnValue(1);
    ssm.script(operation, () => refusal('ThrottlingException', 'Rate exceeded'));
    await expect(call(AbortSignal.timeout(20))).rejects.toThrow('aborted');
  });

  it('shows nothing of an answer that is not JSON', async () => {
    ssm.script(operation, () => ({ body: '{"Parameters":[{"Value":s3cr3t' }));
    const error = await call(never).catch(String);
    expect(error).toBe('Error: SSM answered what is not JSON');
  });

  it.each([
    [{ Version: 1, Value: 'x' }],
    [{ Name: '/courier/destinations/log/a', Value: 'x' }],
    [{ Name: '/courier/destinations/log/a', Version: 1 }],
  ])('refuses %j as a parameter', async (parameter) => {
    ssm.script(operation, () => ({ body: JSON.stringify({ Parameters: [parameter] }) }));
    await expect(call(never)).rejects.toThrow('without name, version or value');
  });
});

it('refuses parameters of another place', async () => {
  const strange = { Name: '/courier2/destinations/log/a', Version: 1, Value: 'x' };
  ssm.script('GetParametersByPath', () => ({ body: JSON.stringify({ Parameters: [strange] }) }));
  await expect(source.list('destinations')).rejects.toThrow('not below /courier/destinations/');
});

it.each<readonly [SsmOperation, () => Promise<unknown>]>([
  ['GetParametersByPath', () => source.list('destinations')],
  ['GetParameterHistory', () => source.history('destinations', 'log/a')],
])('%s ends when SSM sends the reader round in circles', async (operation, call) => {
  const next = new Map([
    ['', 'a'],
    ['a', 'b'],
    ['b', 'a'],
  ]);
  ssm.script(operation, ({ body }) => {
    const { NextToken = '' } = JSON.parse(body);
    return { body: JSON.stringify({ Parameters: [], NextToken: next.get(NextToken) }) };
  });
  await expect(call()).rejects.toThrow('the same page again and again');
  expect(ssm.asked(operation)).toHaveLength(3);
});

it('fails at once when the keys have expired, and says so', async () => {
  ssm.script('GetParametersByPath', () => refusal('ExpiredTokenException', 'The security token is expired'));
  await expect(source.list('destinations').catch(String)).resolves.toBe(
    'ExpiredTokenException: The security token is expired',
  );
  expect(ssm.requests).toHaveLength(1);
});
