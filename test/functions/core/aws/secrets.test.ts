import { expect, test } from 'vitest';
import { secretsOfEnvironment, secretsOfKey } from '../../../../functions/core/aws/secrets.ts';

const LONG = 'sixteen letters.';
const SHORT = LONG.slice(1);

test('what is as long as a key of AWS is secret, and what is shorter is a word like others', () => {
  expect(secretsOfKey({ accessKeyId: LONG, secretAccessKey: SHORT })).toEqual([LONG]);
  expect(secretsOfKey({ accessKeyId: SHORT, secretAccessKey: LONG, sessionToken: `${LONG}!` })).toEqual([
    LONG,
    `${LONG}!`,
  ]);
});

test.each([
  ['AWS_SECRET_ACCESS_KEY', LONG, true],
  ['AWS_SESSION_TOKEN', LONG, true],
  ['AWS_SESSION_TOKEN', SHORT, false],
  ['MY_AWS_SECRET_ACCESS_KEY', LONG, false],
  ['AWS_WEB_IDENTITY', LONG, false],
  ['HTTPS_PROXY', 'http://me:pass@proxy:3128', true],
  ['HTTPS_PROXY', 'HTTP://me@proxy', true],
  ['HTTPS_PROXY', 'http://proxy:3128/a@b', false],
  ['HTTPS_PROXY', 'see http://me:pass@proxy', false],
])('%s=%s in the environment is secret: %s', (name, value, isSecret) => {
  expect(secretsOfEnvironment({ [name]: value, UNSET: undefined })).toEqual(isSecret ? [value] : []);
});
