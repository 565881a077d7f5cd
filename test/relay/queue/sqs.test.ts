import { createServer } from 'node:net';
import { startFauxqs } from 'fauxqs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { gapMessage, type Outgoing } from '../../../relay/queue/message.ts';
import { queueSender } from '../../../relay/queue/sqs.ts';
import { type ScriptedSqs, startScriptedSqs } from '../../support/scripted-sqs.ts';

const keys = (): Promise<{ accessKeyId: string; secretAccessKey: string }> =>
  Promise.resolve({ accessKeyId: 'AKID', secretAccessKey: 'secret' });
const env = { AWS_REGION: 'eu-west-1' };
const message = (body: string): Outgoing => ({ body, group: 'test/default' });

let sqs: ScriptedSqs;

beforeEach(async () => {
  sqs = await startScriptedSqs();
});
afterEach(() => sqs.close());

describe('sending a batch', () => {
  test('an SQS takes it, with its groups', async () => {
    const server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false });
    try {
      server.createQueue('ingest');
      const url = `http://127.0.0.1:${server.port}/000000000000/ingest`;
      const send = queueSender(url, { ...env, AWS_REGION: 'us-east-1' }, keys);
      const odd = gapMessage('test', { from: 'a', to: 'b', cause: 'refused', detail: 'quote " emoji 😀 odd \uffff' });
      expect(await send([message('{"a":1}'), odd])).toEqual({
        status: 'answered',
        results: [{ status: 'accepted' }, { status: 'accepted' }],
      });
      const ready = server.inspectQueue('ingest')?.messages.ready ?? [];
      expect(ready.map(({ body }) => body)).toEqual(['{"a":1}', odd.body]);
    } finally {
      await server.stop();
    }
  });

  test('each entry has its own result', async () => {
    sqs.script(() => ({
      failed: {
        0: { senderFault: false, code: 'InternalError' },
        2: { senderFault: true, code: 'InvalidMessageContents' },
        3: { senderFault: true, code: 'KmsThrottled' },
        4: {
          senderFault: true,
          code: 'InvalidParameterValue',
          message: 'One or more parameters are invalid. Reason: Message must be shorter than 262144 bytes.',
        },
      },
    }));
    const send = queueSender(sqs.queueUrl, env, keys);
    expect(await send(['a', 'b', 'c', 'd', 'e'].map(message))).toEqual({
      status: 'answered',
      results: [
        { status: 'retry', code: 'InternalError' },
        { status: 'accepted' },
        { status: 'refused', code: 'InvalidMessageContents', detail: 'scripted' },
        { status: 'retry', code: 'KmsThrottled' },
        { status: 'too-long' },
      ],
    });
  });

  test('an entry that the answer does not mention is sent again', async () => {
    sqs.script(({ response }) => {
      response.end('{"Successful":[{"Id":"1"}]}');
      return 'taken';
    });
    const send = queueSender(sqs.queueUrl, env, keys);
    expect(await send([message('a'), message('b')])).toMatchObject({
      results: [{ status: 'retry' }, { status: 'accepted' }],
    });
  });

  test('a call refused for one bad entry is taken apart', async () => {
    sqs.script(() => ({ status: 400, type: 'BatchRequestTooLong' }));
    const send = queueSender(sqs.queueUrl, env, keys);
    expect(await send([message('a'), message('b')])).toMatchObject({
      results: [{ status: 'too-long' }, { status: 'too-long' }],
    });
    sqs.script(() => ({ status: 400, type: 'InvalidMessageContents' }));
    expect(await send([message('a')])).toMatchObject({ results: [{ status: 'refused' }] });
  });

  test('the signature is what the SDK would send', async () => {
    let authorization: string | undefined;
    let date: string | undefined;
    sqs.script(({ request }) => {
      authorization = request.headers.authorization;
      date = String(request.headers['x-amz-date']);
      return undefined;
    });
    await queueSender(sqs.queueUrl, env, () =>
      Promise.resolve({ accessKeyId: 'AKID', secretAccessKey: 's', sessionToken: 'session' }),
    )([message('a')]);
    expect(authorization).toMatch(
      new RegExp(
        `^AWS4-HMAC-SHA256 Credential=AKID/${date?.slice(0, 8)}/eu-west-1/sqs/aws4_request, ` +
          'SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature=[0-9a-f]{64}$',
      ),
    );
  });
});

describe('what is wrong is said in one line', () => {
  test.each([
    ['AWS.SimpleQueueService.NonExistentQueue', 'queue not found: '],
    ['QueueDoesNotExist', 'queue not found: '],
    ['AccessDeniedException', 'no permission to send to '],
    ['InvalidClientTokenId', "AWS refuses the relay's credentials (InvalidClientTokenId)"],
    ['ExpiredTokenException', "AWS refuses the relay's credentials (ExpiredTokenException)"],
    ['KmsAccessDenied', "the queue's KMS key cannot be used"],
    ['ServiceUnavailable', 'the queue cannot be reached or does not accept (127.0.0.1'],
  ])('%s', async (type, reason) => {
    sqs.script(() => ({ status: type === 'ServiceUnavailable' ? 503 : 400, type }));
    const result = await queueSender(sqs.queueUrl, env, keys)([message('a')]);
    expect(result).toMatchObject({ status: 'unavailable', code: type });
    expect(result.status === 'unavailable' && result.reason).toContain(reason);
  });

  test('no credentials', async () => {
    const none = (): Promise<never> =>
      Promise.reject(Object.assign(new Error('none found'), { name: 'CredentialsProviderError' }));
    expect(await queueSender(sqs.queueUrl, env, none)([message('a')])).toMatchObject({
      status: 'unavailable',
      reason: expect.stringContaining('no AWS credentials'),
    });
  });

  test('no region', async () => {
    expect(await queueSender(sqs.queueUrl, {}, keys)([message('a')])).toMatchObject({
      reason: 'no AWS region: set AWS_REGION',
    });
  });

  test('nobody at the endpoint', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    await new Promise((resolve) => server.close(resolve));
    const send = queueSender('http://sqs.invalid/1/q', { ...env, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` }, keys);
    expect(await send([message('a')])).toMatchObject({ status: 'unavailable', code: 'ECONNREFUSED' });
  });
});

describe('an answer', () => {
  const bound = 256 * 1024;
  const padded = (length: number): string => {
    const answer = '{"Successful":[{"Id":"0"}]}';
    return answer + ' '.repeat(length - answer.length);
  };

  test('is read up to its bound', async () => {
    sqs.script(({ response }) => {
      response.end(padded(bound));
      return 'taken';
    });
    expect(await queueSender(sqs.queueUrl, env, keys)([message('a')])).toMatchObject({
      results: [{ status: 'accepted' }],
    });
  });

  test('is not read beyond it', async () => {
    sqs.script(({ response }) => {
      response.end(padded(bound + 1));
      return 'taken';
    });
    expect(await queueSender(sqs.queueUrl, env, keys)([message('a')])).toMatchObject({ status: 'unavailable' });
  });
});

test('a clock that is wrong is put right after the first refusal', async () => {
  const dates: number[] = [];
  sqs.script(({ request, response }) => {
    const [, y, mo, d, h, mi, s] =
      /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(request.headers['x-amz-date'])) ?? [];
    dates.push(Date.UTC(Number(y), Number(mo) - 1, Number(d), Number(h), Number(mi), Number(s)));
    if (dates.length > 1) return undefined;
    response.setHeader('date', new Date(Date.now() + 3_600_000).toUTCString());
    return { status: 403, type: 'InvalidSignatureException' };
  });
  const send = queueSender(sqs.queueUrl, env, keys);
  await send([message('a')]);
  await send([message('a')]);
  expect((dates[1] ?? 0) - (dates[0] ?? 0)).toBeGreaterThan(3_500_000);
});
