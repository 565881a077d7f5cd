import { describe, expect, test } from 'vitest';
import { parseConfig, parseDuration } from '../../relay/config.ts';

describe('the configuration', () => {
  const env = { QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/1/ingest', CLUSTER_NAME: 'prod' };
  const outside = { inCluster: false, podNamespace: undefined };

  test('has its defaults, in a cluster and outside', () => {
    expect(parseConfig(env, { inCluster: true, podNamespace: 'kube-courier' })).toMatchObject({
      config: {
        namespaces: [],
        startFrom: { kind: 'lookBack', ms: 600_000 },
        enrich: 'owners',
        eventMetrics: true,
        eventTtlMs: 3_600_000,
        cursor: { kind: 'lease', namespace: 'kube-courier', name: 'kube-courier-relay' },
        budget: { perSecond: 0.5, burst: 20 },
        port: 8080,
        logLevel: 'info',
      },
    });
    expect(parseConfig(env, outside)).toMatchObject({ config: { cursor: { kind: 'none' }, host: '127.0.0.1' } });
  });

  test('takes what is set', () => {
    const set = {
      ...env,
      NAMESPACES: 'shop, billing,shop',
      START_FROM: '1h30m',
      ENRICH: 'labels',
      EVENT_METRICS: 'off',
      CURSOR: 'file:/tmp/c',
      PORT: '0',
      POD_NAME: 'p',
      SENDS_PER_SECOND: '0.1',
      SENDS_BURST: '1000',
    };
    expect(parseConfig(set, outside)).toMatchObject({
      config: {
        namespaces: ['shop', 'billing'],
        startFrom: { kind: 'lookBack', ms: 5_400_000 },
        enrich: 'labels',
        eventMetrics: false,
        cursor: { kind: 'file', path: '/tmp/c' },
        budget: { perSecond: 0.1, burst: 1000 },
        port: 0,
        identity: 'p',
      },
    });
  });

  test('names everything that is wrong at once', () => {
    expect(parseConfig({}, outside)).toEqual({
      mistakes: [expect.stringMatching(/^QUEUE_URL is not set: /), expect.stringMatching(/^CLUSTER_NAME is not set: /)],
    });
  });

  test('refuses a proxy that is none, without its value', () => {
    expect(parseConfig({ ...env, HTTPS_PROXY: 'socks5://user:secret@proxy' }, outside)).toEqual({
      mistakes: [expect.stringMatching(/^HTTPS_PROXY is not the address of an HTTP proxy: /)],
    });
  });

  test.each([
    ['QUEUE_URL', 'https://sqs.eu-west-1.amazonaws.com'],
    ['QUEUE_URL', 'https://sqs.eu-west-1.amazonaws.com/'],
    ['QUEUE_URL', 'ftp://host/queue'],
    ['CLUSTER_NAME', '-prod'],
    ['START_FROM', 'yesterday'],
    ['EVENT_TTL', '0m'],
    ['ENRICH', 'all'],
    ['EVENT_TTL', '10m5'],
    ['EVENT_METRICS', 'true'],
    ['CURSOR', 'my lease:a/b'],
    ['CURSOR', 'lease:a/b/c'],
    ['CURSOR', 'lease:-a/b'],
    ['CURSOR', 'lease:a-/b'],
    ['CURSOR', 'lease:a/-b'],
    ['CURSOR', 'lease:a/b-'],
    ['CURSOR', 'lease:A/b'],
    ['CURSOR', 'lease:a/'],
    ['CURSOR', 'file:'],
    ['SENDS_PER_SECOND', '0'],
    ['SENDS_PER_SECOND', '1001'],
    ['SENDS_PER_SECOND', '1e2'],
    ['SENDS_BURST', '0.5'],
    ['SENDS_BURST', 'all'],
    ['SENDS_BURST', '0x10'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '0x50'],
    ['PORT', '80.5'],
    ['LOG_LEVEL', 'loud'],
    ['NAMESPACES', 'a,B'],
    ['NAMESPACES', '-a'],
    ['NAMESPACES', 'a-'],
  ])('refuses %s=%s, and says so', (name, value) => {
    expect(parseConfig({ ...env, [name]: value }, outside)).toEqual({
      mistakes: [expect.stringMatching(new RegExp(`^${name} (is|has) "`))],
    });
  });

  test('takes a level in any case, a port at its bound, and a namespace from the environment first', () => {
    const set = { ...env, LOG_LEVEL: 'WARN', PORT: '65535', POD_NAMESPACE: 'mine' };
    expect(parseConfig(set, { inCluster: true, podNamespace: 'other' })).toMatchObject({
      config: { logLevel: 'warn', port: 65_535, host: '', cursor: { namespace: 'mine' } },
    });
  });

  test.each([
    ['file:a', { kind: 'file', path: 'a' }],
    ['lease:a/b.c', { kind: 'lease', namespace: 'a', name: 'b.c' }],
    ['lease:a-1/b', { kind: 'lease', namespace: 'a-1', name: 'b' }],
    ['none', { kind: 'none' }],
  ])('keeps the cursor in %s where it is told to', (CURSOR, cursor) => {
    expect(parseConfig({ ...env, CURSOR }, { inCluster: true, podNamespace: 'p' })).toMatchObject({
      config: { cursor },
    });
  });

  test('takes budgets at their bounds', () => {
    const budgetOf = (SENDS_PER_SECOND: string, SENDS_BURST: string) =>
      parseConfig({ ...env, SENDS_PER_SECOND, SENDS_BURST }, outside);
    expect(budgetOf('1000', '1')).toMatchObject({ config: { budget: { perSecond: 1000, burst: 1 } } });
    expect(budgetOf('0.100', '1000')).toMatchObject({ config: { budget: { perSecond: 0.1, burst: 1000 } } });
  });

  test('durations are sums of whole units', () => {
    expect(['90s', '10m', '2d', '0s', '10', 'm', '1.5h'].map(parseDuration)).toEqual([
      90_000,
      600_000,
      172_800_000,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
