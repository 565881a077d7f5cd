import { expect, test } from 'vitest';
import { concealer } from '../../../../infra/ops/destinations/conceal.ts';

test('strikes every value of a secrets document out of what AWS says about it', () => {
  const secrets = JSON.stringify({ url: 'https://h/x/Tok12345678', secretHeaders: { A: 'Bearer abc12345' } });
  expect(concealer(secrets)(`ValidationException: value ${secrets} and abc12345`)).toBe(
    'ValidationException: value {"url":"[secret]","secretHeaders":{"A":"[secret]"}} and [secret]',
  );
});

test('takes what is no JSON for a secret as a whole', () => {
  expect(concealer('not json hunter22')('said: not json hunter22')).toBe('said: [secret]');
  expect(concealer(undefined)('said: nothing')).toBe('said: nothing');
});
