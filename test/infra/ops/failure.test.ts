import { describe, expect, test } from 'vitest';
import { failureText } from '../../../infra/ops/failure.ts';
import { difference } from '../../../infra/ops/destinations/difference.ts';
import { durationText } from '../../../infra/ops/duration.ts';

function failure(name: string, message: string, code?: string): Error {
  return Object.assign(new Error(message), { name, ...(code !== undefined && { code }) });
}

describe('a failure', () => {
  test.each([
    [failure('CredentialsProviderError', 'Could not load credentials'), /no AWS credentials: log in/],
    [failure('Error', 'Region is missing'), /no AWS region: set AWS_REGION/],
    [failure('ExpiredTokenException', 'x'), /have expired: log in again/],
    [failure('ThrottlingException', 'Rate exceeded'), /throttles the calls: wait a minute and repeat/],
    [
      failure('AccessDeniedException', 'User x may not ssm:GetParameter\nmore'),
      /^AWS does not allow it: User x may not ssm:GetParameter$/,
    ],
    [failure('Error', 'connect ECONNREFUSED', 'ECONNREFUSED'), /cannot be reached \(ECONNREFUSED\)/],
    [
      failure('Error', 'getaddrinfo ENOTFOUND sqs.eu-wst-1.amazonaws.com', 'ENOTFOUND'),
      /the host sqs\.eu-wst-1\.amazonaws\.com cannot be found: check AWS_REGION/,
    ],
    [failure('ValidationException', 'first\n  at stack'), /^ValidationException: first$/],
  ])('%s is one line that says what to do', (error, expected) => {
    const text = failureText(error);

    expect(text).toMatch(expected);
    expect(text).not.toContain('\n');
  });
});

describe('a difference', () => {
  test('names each field that changes with both values', () => {
    expect(difference({ a: 1, b: { c: [1, 2] }, d: 'x' }, { a: 2, b: { c: [1, 3] }, e: {} })).toEqual([
      '~ a: 1 -> 2',
      '~ b.c[1]: 2 -> 3',
      '- d: "x"',
      '+ e: {}',
    ]);
  });

  test('of secrets shows no value', () => {
    const lines = difference(
      { kept: 'same', changed: 'old-value', gone: 'gone-value' },
      { kept: 'same', changed: 'new-value', made: 'made-value' },
      'hidden',
    );

    expect(lines).toEqual(['~ changed: [secret] changes', '- gone: [secret]', '+ made: [secret]']);
  });
});

test.each([
  [0, '0s'],
  [59.6, '1m'],
  [3661, '1h 1m'],
  [90_000, '1d 1h'],
])('%d seconds are %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});
