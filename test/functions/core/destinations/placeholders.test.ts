import { expect, it } from 'vitest';
import { placeholderProblems } from '../../../../functions/core/destinations/placeholders.ts';

const secret = (text: string): readonly string[] => placeholderProblems('secret', text).map(({ message }) => message);
const inDocument = (text: string): readonly string[] =>
  placeholderProblems('document', text).map(({ message }) => message);

it.each([
  ['$(DING_TOKEN)', '$(DING_TOKEN)'],
  ['REPLACE_ME', 'REPLACE_ME'],
  ['${TOKEN}', '${TOKEN}'],
  ['https://example.com/hook/${TOKEN}/x', '${TOKEN}'],
  ['https://replace-me.log.aliyuncs.com', 'replace-me'],
  ['$(ding_token)', '$(…)'],
  ['${TOKEN:-none}', '${…}'],
  ['${ event.message }', '${…}'],
])('a secret %j still holds %s', (text, placeholder) => {
  expect(secret(text)).toEqual([`still holds ${placeholder}: put the real value in its place`]);
});

it.each(['Bearer pa$$w(o)rd{1}', '$w(o)', '${}', '$()', '$(a b)', 'a$b{c}', '{TOKEN}', 'REPLACEME', '$1'])(
  'a secret %j is one',
  (text) => {
    expect(secret(text)).toEqual([]);
  },
);

it.each(['$(DING_TOKEN)', '${HOST}', 'https://REPLACE_ME:9200', 'replace-me'])(
  'a document %j still holds a placeholder',
  (text) => {
    expect(inDocument(text)).toHaveLength(1);
  },
);

it.each(['${ event.message }', '${event.object.name | truncate: 9}', '/^(a|b)$(c)/', 'ssh $(hostname)'])(
  'a document %j is as it should be',
  (text) => {
    expect(inDocument(text)).toEqual([]);
  },
);

it('each is named once, with its field', () => {
  const value = { token: 'a', headers: { Authorization: 'Basic ${USER}:${PASSWORD}${USER}' }, list: ['x', '$(A)'] };
  expect(placeholderProblems('secret', value).map(({ field, message }) => `${field} ${message.split(':')[0]}`)).toEqual(
    [
      'headers.Authorization still holds ${USER}',
      'headers.Authorization still holds ${PASSWORD}',
      'list[1] still holds $(A)',
    ],
  );
  expect(placeholderProblems('secret', { count: 3, none: null })).toEqual([]);
});
