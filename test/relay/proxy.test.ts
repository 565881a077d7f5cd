import { describe, expect, test } from 'vitest';
import { proxiesOf, proxyName } from '../../relay/proxy.ts';

const through = (env: Record<string, string>, server: string): string | undefined =>
  proxiesOf(env)(new URL(server))?.href;

const SQS = 'https://sqs.eu-west-1.amazonaws.com';

describe('the proxy', () => {
  test.each([
    ['http://proxy:3128', 'http://proxy:3128/'],
    ['https://proxy:3128', 'https://proxy:3128/'],
    ['HTTP://proxy:3128', 'http://proxy:3128/'],
    ['http://user:p%40ss@proxy', 'http://user:p%40ss@proxy/'],
    ['proxy:3128', 'http://proxy:3128/'],
    ['proxy.example.com', 'http://proxy.example.com/'],
    ['10.1.2.3:8080', 'http://10.1.2.3:8080/'],
    ['[fd00::1]:8080', 'http://[fd00::1]:8080/'],
    [' proxy:3128 ', 'http://proxy:3128/'],
  ])('%j is %s', (HTTPS_PROXY, proxy) => {
    expect(through({ HTTPS_PROXY }, SQS)).toBe(proxy);
  });

  test('goes by the scheme of the server', () => {
    const env = { HTTPS_PROXY: 'http://tls:1', HTTP_PROXY: 'http://plain:1' };
    expect(through(env, SQS)).toBe('http://tls:1/');
    expect(through(env, 'http://sqs.local')).toBe('http://plain:1/');
    expect(through({ HTTPS_PROXY: 'http://tls:1' }, 'http://sqs.local')).toBeUndefined();
  });

  test('in lower case goes first, and an empty one is none', () => {
    expect(through({ HTTPS_PROXY: 'upper', https_proxy: 'lower' }, SQS)).toBe('http://lower/');
    expect(through({ HTTPS_PROXY: 'upper', https_proxy: '' }, SQS)).toBe('http://upper/');
    expect(through({ HTTPS_PROXY: ' ' }, SQS)).toBeUndefined();
  });

  test.each(['socks5://secret:secret@proxy:1', 'http://', 'http://secret proxy', ':secret'])(
    'that is none is an error which names the variable, and nothing of its value: %s',
    (HTTPS_PROXY) => {
      const reading = (): unknown => proxiesOf({ HTTPS_PROXY });
      expect(reading).toThrow(/^HTTPS_PROXY is not the address of an HTTP proxy: it must be like/);
      expect(reading).not.toThrow(/secret/);
    },
  );

  test('is named without its password', () => {
    expect(proxyName(new URL('http://user:secret@proxy:3128'))).toBe('http://proxy:3128');
  });
});

describe('NO_PROXY', () => {
  test.each([
    ['*', SQS, true],
    ['sqs.eu-west-1.amazonaws.com', SQS, true],
    ['SQS.EU-WEST-1.amazonaws.com', SQS, true],
    ['amazonaws.com', SQS, true],
    ['.amazonaws.com', SQS, true],
    ['*.amazonaws.com', SQS, true],
    ['azonaws.com', SQS, false],
    ['.sqs.eu-west-1.amazonaws.com', SQS, false],
    ['example.com', SQS, false],
    ['example.com, amazonaws.com', SQS, true],
    ['example.com amazonaws.com', SQS, true],
    ['amazonaws.com:443', SQS, true],
    ['amazonaws.com:8443', SQS, false],
    ['api:6443', 'https://api:6443', true],
    ['api:6443', 'https://api', false],
    ['10.0.0.7', 'https://10.0.0.7:6443', true],
    ['10.0.0.7:6443', 'https://10.0.0.7:6443', true],
    ['10.0.0.7:443', 'https://10.0.0.7:6443', false],
    ['10.0.0.70', 'https://10.0.0.7', false],
    ['10.0.0.0/8', 'https://10.255.0.7', true],
    ['10.0.0.0/8', 'https://11.0.0.7', false],
    ['10.0.0.7/32', 'https://10.0.0.7', true],
    ['fd00::1/128', 'https://[fd00::1]', true],
    ['10.0.0.0/33', 'https://10.0.0.7', false],
    ['fd00::1/129', 'https://[fd00::1]', false],
    ['10.0.0.1-10.0.0.9', 'https://10.0.0.9', true],
    ['10.0.0.1-10.0.0.9', 'https://10.0.0.10', false],
    ['10.0.0.0/8', 'https://a10.example.com', false],
    ['10.0.0.0/8/8', 'https://10.0.0.7', false],
    ['10.0.0.0/8x', 'https://10.0.0.7', false],
    ['10.0.0.0/x8', 'https://10.0.0.7', false],
    ['amazonaws.com/8', SQS, false],
    ['10.0.0.1-a', 'https://10.0.0.1', false],
    ['a-10.0.0.9', 'https://10.0.0.9', false],
    ['fd00::1-fd00::9', 'https://[fd00::5]', false],
    ['amazonaws.com:443x', SQS, false],
    ['::1', 'https://[::1]:6443', true],
    ['[::1]', 'https://[::1]:6443', true],
    ['[::1]:6443', 'https://[::1]:6443', true],
    ['[::1]:443', 'https://[::1]:6443', false],
    ['fd00::5:80', 'https://[fd00::5:80]', true],
    ['fd00::/8', 'https://[fd12::1]', true],
    ['fd00::/8', 'https://[fe80::1]', false],
    ['', SQS, false],
  ])('%j and %s: direct is %s', (NO_PROXY, server, isDirect) => {
    expect(through({ HTTPS_PROXY: 'proxy', NO_PROXY }, server) === undefined).toBe(isDirect);
  });

  test('in lower case goes first', () => {
    expect(through({ HTTPS_PROXY: 'proxy', NO_PROXY: '*', no_proxy: 'example.com' }, SQS)).toBe('http://proxy/');
  });
});
