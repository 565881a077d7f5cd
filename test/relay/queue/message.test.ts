import { expect, test } from 'vitest';
import { parseMessage } from '../../../functions/core/contract/event.ts';
import { eventMessage } from '../../../relay/queue/message.ts';

const namespaced = { uid: 'u', namespace: 'shop' };

test.each([
  ['no object', 'text'],
  ['nothing', null],
  ['a list', [1]],
  ['full of other types', { uid: 7, name: {}, namespace: 3, managedFields: 1 }],
])('an event whose metadata is %s becomes a message all the same', (_what, metadata) => {
  const { body, group } = eventMessage('prod', 'added', { metadata, reason: 'BackOff' }, undefined);

  expect(JSON.parse(body)).toMatchObject({ cluster: 'prod', event: { reason: 'BackOff' } });
  expect(group).toBe('prod/-');
});

test('a message has the namespace in its group, and no managed fields', () => {
  const event = { metadata: { ...namespaced, managedFields: [{ manager: 'kubelet' }] }, reason: 'BackOff' };
  const { body, group } = eventMessage('prod', 'modified', event, 4);

  expect(group).toBe('prod/shop');
  expect(parseMessage(body)).toMatchObject({ change: 'modified', previousCount: 4 });
  expect(JSON.parse(body).event).toEqual({ metadata: namespaced, reason: 'BackOff' });
});
