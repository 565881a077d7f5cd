import { expect, test } from 'vitest';
import type { Summary } from '../../localstack/embedded/ledger.ts';
import { quietText } from '../../localstack/said.ts';

const none: Summary = {
  events: 0,
  seen: 0,
  delivered: 0,
  filtered: 0,
  deadLettered: 0,
  waiting: 0,
  retried: 0,
  replayed: 0,
};
const watching = { ready: true, text: 'leading' };

test('of a cluster without events it says that it watches, and that there were none', () => {
  expect(quietText('kind-dev', watching, none, 10_000)).toBe('watching kind-dev: no event yet; nothing new for 10s');
});

test('of events it says how many there were, and what became of them', () => {
  const summary = { ...none, events: 3, seen: 3, delivered: 1, filtered: 2 };

  expect(quietText('kind-dev', watching, summary, 60_000)).toBe(
    'watching kind-dev: 3 events so far, delivered 1, filtered 2; nothing new for 1m',
  );
});

test('where the cluster does not answer, it does not say that it watches', () => {
  expect(quietText('kind-dev', { ready: false, text: 'ECONNREFUSED' }, none, 10_000)).toBe(
    'cannot watch kind-dev yet: ECONNREFUSED',
  );
});
