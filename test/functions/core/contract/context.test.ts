import { expect, it } from 'vitest';
import { parseContext } from '../../../../functions/core/contract/context.ts';

it('reads what the relay writes, and lets fields it does not know travel on', () => {
  const context = {
    owner: { kind: 'Deployment', name: 'web', guessed: true },
    node: 'node-1',
    labels: { app: 'web' },
    annotations: {},
    namespaceLabels: { team: 'shop' },
    namespaceAnnotations: { 'team/channel': '#shop' },
    zone: 'a',
  };
  expect(parseContext(context)).toEqual(context);
  expect(parseContext({ owner: { kind: 'Job', name: 'a', guessed: false } })).toEqual({
    owner: { kind: 'Job', name: 'a' },
  });
});

it.each([[undefined], [null], [7], [[]], [{}], [{ owner: 'web', node: 7 }], [{ owner: { kind: 'Job' }, node: '' }]])(
  'leaves out of %j what does not hold what it should',
  (value) => {
    expect(parseContext(value)).toEqual({});
  },
);

it('leaves out of labels what is no text', () => {
  expect(parseContext({ labels: { a: 'b', c: 1 }, annotations: 'none' })).toEqual({
    labels: { a: 'b' },
    annotations: {},
  });
});
