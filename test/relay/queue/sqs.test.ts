import { createServer } from 'node:net';
import { startFauxqs } from 'fauxqs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AwsCredentials } from '../../../relay/queue/credentials.ts';
import { gapMessage, type Outgoing } from '../../../relay/queue/message.ts';
import { queueSender } from '../../../relay/queue/sqs.ts';
import { type ScriptedSqs, startScriptedSqs } from '../../support/scripted-sqs.ts';

const keys = (): Promise<{ accessKeyId: string; secretAccessKey: string }> =>
  Promise.resolve({ accessKeyId: 'AKID', secretAccessKey: 'secret' });
const env = { AWS_REGION: 'eu-west-1' };
const message = (body: string): Outgoing => ({ body });

let sqs: ScriptedSqs;

beforeEach(async () => {
  sqs = await startScriptedSqs();
});
afterEach(() => sqs.close());

describe('sending a batch', () => {
  test('an SQS takes it', async () => {
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
        5: { senderFault: true, code: 'InvalidParameterValue', message: 'Too long' },
        6: { senderFault: true, code: 'InvalidParameterValue', message: 'It is longer than 1 MiB' },
        7: { senderFault: true, code: 'InvalidParameterValue', message: 'Exceeds the limit' },
      },
    }));
    const send = queueSender(sqs.queueUrl, env, keys);
    expect(await send(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(message))).toEqual({
      status: 'answered',
      results: [
        { status: 'retry', code: 'InternalError' },
        { status: 'accepted' },
        { status: 'refused', code: 'InvalidMessageContents', detail: 'scripted' },
        { status: 'retry', code: 'KmsThrottled' },
        { status: 'too-long' },
        { status: 'too-long' },
        { status: 'too-long' },
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

describe('refused credentials', () => {
  /** Credentials that are another key each time, and what each call was signed with. */
  function scripted() {
    let asked = 0;
    const used: string[] = [];
    sqs.script(({ request }) => {
      const key = /Credential=([^/]+)/.exec(request.headers.authorization ?? '')?.[1] ?? '';
      used.push(key);
      return undefined;
    });
    const source = (): Promise<AwsCredentials> => {
      asked += 1;
      return Promise.resolve({ accessKeyId: `KEY${asked}`, secretAccessKey: 's', sessionToken: `t${asked}` });
    };
    return { source, used };
  }

  test.each([
    [403, 'ExpiredTokenException'],
    [403, 'ExpiredToken'],
    [403, 'InvalidClientTokenId'],
    [403, 'AccessDenied'],
  ])('%i %s: new ones are asked for at once, and the call is made again', async (status, type) => {
    const { source, used } = scripted();
    const send = queueSender(sqs.queueUrl, env, source);
    await send([message('a')]);
    sqs.script(({ request }) => {
      const isOld = request.headers['x-amz-security-token'] === 't1';
      used.push(String(request.headers['x-amz-security-token']));
      return isOld ? { status, type } : undefined;
    });
    expect(await send([message('b')])).toEqual({ status: 'answered', results: [{ status: 'accepted' }] });
    expect(used).toEqual(['KEY1', 't1', 't2']);
    expect(sqs.bodies).toEqual(['a', 'b']);
  });

  test('that are refused anew are told, after one more call and no more', async () => {
    const { source } = scripted();
    sqs.script(() => ({ status: 403, type: 'ExpiredToken' }));
    expect(await queueSender(sqs.queueUrl, env, source)([message('a')])).toMatchObject({
      status: 'unavailable',
      code: 'ExpiredToken',
    });
    expect(sqs.calls).toBe(2);
  });

  test('that are refused slowly are told after one more call, too', async () => {
    const { source } = scripted();
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      sqs.script(() => {
        vi.advanceTimersByTime(120_000);
        return { status: 403, type: 'ExpiredToken' };
      });
      await queueSender(sqs.queueUrl, env, source)([message('a')]);
      expect(sqs.calls).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  });

  test('are not asked for anew because of the key of the queue', async () => {
    const { source } = scripted();
    sqs.script(() => ({ status: 400, type: 'KmsAccessDenied' }));
    await queueSender(sqs.queueUrl, env, source)([message('a')]);
    expect(sqs.calls).toBe(1);
  });
});

describe('what fails for all alike is not a fault of the entries', () => {
  test.each([
    ['an answer that is no JSON', '<html>', 'no_result', '127.0.0.1'],
    ['an answer without results', '{}', 'no_result', 'answers what no SQS answers: check QUEUE_URL'],
    ['results of other entries', '{"Successful":[{"Id":"7"},{"Id":"x"},{"Id":"-1"}]}', 'no_result', 'answers what no'],
    [
      'the same fault of each',
      '{"Failed":[{"Id":"0","Code":"KmsDisabled","SenderFault":true},{"Id":"1","Code":"KmsDisabled"}]}',
      'KmsDisabled',
      "the queue's KMS key cannot be used (KmsDisabled)",
    ],
  ])('%s', async (_, text, code, reason) => {
    sqs.script(({ response }) => {
      response.end(text);
      return 'taken';
    });
    const result = await queueSender(sqs.queueUrl, env, keys)([message('a'), message('b')]);
    expect(result).toMatchObject({ status: 'unavailable', code, reason: expect.stringContaining(reason) });
  });

  test('but a refusal of each is, until they are sent one by one', async () => {
    sqs.script(() => ({ status: 400, type: 'InvalidParameterValue', message: 'MessageGroupId is not valid' }));
    const refused = { status: 'refused', code: 'InvalidParameterValue', detail: 'MessageGroupId is not valid' };
    expect(await queueSender(sqs.queueUrl, env, keys)([message('a'), message('b')])).toEqual({
      status: 'answered',
      results: [refused, refused],
    });
  });
});

describe('each failure names the service that failed', () => {
  const limits = { callMs: 100, credentialsMs: 100 };

  test('a queue that never answers', async () => {
    sqs.script(() => 'taken');
    expect(await queueSender(sqs.queueUrl, env, keys, limits)([message('a')])).toEqual({
      status: 'unavailable',
      code: 'ETIMEDOUT',
      reason: `the queue does not answer (${new URL(sqs.queueUrl).host})`,
    });
  });

  test('a queue has fifteen seconds to answer where nothing else is said', async () => {
    const called = new Promise<void>((resolve) => {
      sqs.script(() => {
        resolve();
        return 'taken';
      });
    });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      let code = '';
      const sent = queueSender(
        sqs.queueUrl,
        env,
        keys,
      )([message('a')]).then((result) => {
        if (result.status === 'unavailable') ({ code } = result);
      });
      await called;
      vi.advanceTimersByTime(14_999);
      await new Promise((resolve) => setImmediate(resolve));
      expect(code).toBe('');
      vi.advanceTimersByTime(1);
      await sent;
      expect(code).toBe('ETIMEDOUT');
    } finally {
      vi.useRealTimers();
    }
  });

  test('credentials that never come', async () => {
    const send = queueSender(sqs.queueUrl, env, () => new Promise(() => {}), limits);
    expect(await send([message('a')])).toMatchObject({
      status: 'unavailable',
      code: 'credentials_timeout',
      reason: expect.stringMatching(/^no AWS credentials: .* does not answer$/),
    });
    expect(sqs.calls).toBe(0);
  });

  test('a source of credentials whose host is not to be found: that is not the queue', async () => {
    const source = (): Promise<never> =>
      Promise.reject(Object.assign(new Error('getaddrinfo ENOTFOUND sts'), { code: 'ENOTFOUND' }));
    const result = await queueSender(sqs.queueUrl, env, source)([message('a')]);
    expect(result).toMatchObject({ reason: expect.stringContaining('no AWS credentials') });
    expect(result).not.toMatchObject({ reason: expect.stringContaining('QUEUE_URL') });
  });

  test('a proxy that is not there', async () => {
    const send = queueSender('http://sqs.invalid/1/q', { ...env, HTTP_PROXY: 'user:secret@127.0.0.1:1' }, keys);
    expect(await send([message('a')])).toMatchObject({
      code: 'ECONNREFUSED',
      reason:
        'the queue cannot be reached through the proxy http://127.0.0.1:1 (sqs.invalid: ECONNREFUSED): check HTTPS_PROXY and NO_PROXY',
    });
  });

  test.each(['SOME_ERROR', 'EC2Fault'])(
    'a service behind a proxy that says %s, which is not the network',
    async (type) => {
      sqs.script(() => ({ status: 503, type }));
      const { host } = new URL(sqs.queueUrl);
      const send = queueSender('http://sqs.invalid/1/q', { ...env, HTTP_PROXY: host }, keys);
      expect(await send([message('a')])).toMatchObject({
        reason: `the queue cannot be reached or does not accept (sqs.invalid: ${type})`,
      });
    },
  );

  test('a queue whose host is not to be found', async () => {
    expect(await queueSender('http://sqs.invalid/1/q', env, keys)([message('a')])).toMatchObject({
      reason: expect.stringMatching(
        /^the host of the queue cannot be resolved \(sqs\.invalid: E\w+\): check QUEUE_URL and AWS_ENDPOINT_URL$/,
      ),
    });
  });
});

test('a queue behind a proxy is asked through it, also when the proxy is written without its scheme', async () => {
  const { host } = new URL(sqs.queueUrl);
  const send = queueSender('http://sqs.only.the.proxy.knows/1/q', { ...env, HTTP_PROXY: host }, keys);
  expect(await send([message('a')])).toMatchObject({ results: [{ status: 'accepted' }] });
});

test('a port that is not the default is part of what is signed', async () => {
  const hosts: unknown[] = [];
  sqs.script(({ request }) => {
    hosts.push(request.headers.host);
    return undefined;
  });
  await queueSender(sqs.queueUrl, env, keys)([message('a')]);
  expect(hosts).toEqual([new URL(sqs.queueUrl).host]);
});

test.each([
  ['com.amazonaws.sqs#QueueDoesNotExist', {}, 'QueueDoesNotExist'],
  ['', { 'x-amzn-errortype': 'QueueDoesNotExist:http://internal/' }, 'QueueDoesNotExist'],
  ['', {}, 'http_400'],
])('an error is named by its body, its header or its status: %j %j', async (__type, headers, code) => {
  sqs.script(({ response }) => {
    response.writeHead(400, headers).end(JSON.stringify({ __type }));
    return 'taken';
  });
  expect(await queueSender(sqs.queueUrl, env, keys)([message('a')])).toMatchObject({ status: 'unavailable', code });
});

test("an entry's fault that is the queue's passes, and its detail is bounded", async () => {
  sqs.script(() => ({
    failed: {
      0: { senderFault: false, code: 'InvalidMessageContents' },
      1: { senderFault: true, code: 'InvalidMessageContents', message: 'x'.repeat(1000) },
    },
  }));
  expect(await queueSender(sqs.queueUrl, env, keys)([message('a'), message('b')])).toEqual({
    status: 'answered',
    results: [
      { status: 'retry', code: 'InvalidMessageContents' },
      { status: 'refused', code: 'InvalidMessageContents', detail: 'x'.repeat(200) },
    ],
  });
});

test.each([
  [3_600_000, 3_600_000],
  [-3_600_000, -3_600_000],
  [130_000, 130_000],
  [110_000, 0],
])('a clock that is %i ms wrong is put right by %i after the first refusal, within the same call', async (off, by) => {
  const dates: number[] = [];
  sqs.script(({ request, response }) => {
    const [, y, mo, d, h, mi, s] =
      /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(request.headers['x-amz-date'])) ?? [];
    dates.push(Date.UTC(Number(y), Number(mo) - 1, Number(d), Number(h), Number(mi), Number(s)));
    if (dates.length > 1) return undefined;
    response.setHeader('date', new Date(Date.now() + off).toUTCString());
    return { status: 403, type: 'InvalidSignatureException' };
  });
  expect(await queueSender(sqs.queueUrl, env, keys)([message('a')])).toMatchObject({ status: 'answered' });
  expect(Math.abs((dates[1] ?? 0) - (dates[0] ?? 0) - by)).toBeLessThan(60_000);
});
