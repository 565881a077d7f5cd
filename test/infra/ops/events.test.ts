import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readEvents } from '../../../infra/ops/events.ts';
import { silentIo } from './run.ts';

const event = (uid: string, fields: object = {}): object => ({
  kind: 'Event',
  metadata: { name: uid, uid, resourceVersion: '1' },
  ...fields,
});

async function read(text: string) {
  const err: string[] = [];
  const io = { ...silentIo, stdin: async () => text, err: (line: string) => void err.push(line) };
  const events = await readEvents('-', 'c', io);
  return { err, seen: events.map(({ id, change, count, previousCount }) => ({ id, change, count, previousCount })) };
}

describe('events are read', () => {
  const two = ['c/a/1', 'c/b/1'];
  const [a, b] = [event('a'), event('b')];

  test.each([
    ['a List', JSON.stringify({ kind: 'List', items: [a, b] }, null, 2)],
    ['an array', JSON.stringify([a, b])],
    ['one per line', `${JSON.stringify(a)}\n${JSON.stringify(b)}\n`],
    ['one after the other, laid out', [a, b].map((one) => JSON.stringify(one, null, 4)).join('\n')],
    ['one after the other without a line between', JSON.stringify(a) + JSON.stringify(b)],
    [
      'indented, with braces in a text',
      `  ${JSON.stringify(event('a', { message: '}{ "\\' }))}\n\n   ${JSON.stringify(b)}`,
    ],
    ['a List as YAML', stringify({ apiVersion: 'v1', kind: 'List', items: [a, b] })],
    ['YAML documents', [a, b].map((one) => stringify(one)).join('---\n')],
    ['frames of a watch', [a, b].map((object) => JSON.stringify({ type: 'ADDED', object }, null, 2)).join('\n')],
  ])('as %s', async (_, text) => {
    expect((await read(text)).seen.map(({ id }) => id)).toEqual(two);
  });

  test('as a watch prints them: a repetition is one', async () => {
    const text = await readFile(join(import.meta.dirname, '../../support/inputs/watch-output.json'), 'utf8');

    expect(await read(text)).toEqual({
      err: [],
      seen: [
        { id: 'c/11111111-1111-4111-8111-111111111111/11', change: 'added', count: 1, previousCount: 0 },
        { id: 'c/11111111-1111-4111-8111-111111111111/12', change: 'modified', count: 2, previousCount: 1 },
      ],
    });
  });

  test('without those that were deleted, and without what is no event, which is said', async () => {
    const frames = [
      { type: 'MODIFIED', object: event('a', { count: 3 }) },
      { type: 'DELETED', object: event('b') },
      { type: 'BOOKMARK', object: { kind: 'Event', metadata: { resourceVersion: '9' } } },
      { type: 'ERROR', object: { kind: 'Status', code: 410 } },
    ];

    expect(await read(frames.map((frame) => JSON.stringify(frame)).join('\n'))).toEqual({
      err: ['standard input: 3 frames left out: DELETED, BOOKMARK, ERROR'],
      seen: [{ id: 'c/a/1', change: 'modified', count: 3, previousCount: 1 }],
    });
  });
});

describe('objects beside events', () => {
  const namespace = { kind: 'Namespace', metadata: { name: 'shop', labels: { team: 'payments' } } };
  const pod = {
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' }, annotations: { a: '1' } },
  };
  const about = (fields: object) => event(JSON.stringify(fields), { involvedObject: { kind: 'Pod', ...fields } });

  test('lend them their labels and annotations, and to those of others nothing', async () => {
    const items = [
      namespace,
      about({ namespace: 'shop', name: 'web' }),
      about({ namespace: 'shop', name: 'other', labels: { app: 'own' } }),
      about({ namespace: 'lab', name: 'web' }),
      about({ name: 'shop', kind: 'Namespace' }),
      pod,
    ];
    const events = await readEvents('-', 'c', { ...silentIo, stdin: async () => JSON.stringify({ items }) });

    const team = { team: 'payments' };
    expect(events.map(({ object, namespace: { labels } }) => [object.labels, object.annotations, labels])).toEqual([
      [{ app: 'web' }, { a: '1' }, team],
      [{ app: 'own' }, {}, team],
      [{}, {}, {}],
      [team, {}, {}],
    ]);
  });
});

describe('what is no event is refused with its place', () => {
  test.each([
    ['{\n  "a": 1,\n}', 'is not JSON: syntax error at line 3, column 1'],
    [`${JSON.stringify(event('a'))}\n{"a":\n  x}`, 'is not JSON: syntax error at line 3, column 3'],
    [
      'LAST SEEN   TYPE      REASON\n2m          Warning   BackOff\n',
      'is not JSON: syntax error at line 1, column 1 (expected what kubectl get events --output json prints)',
    ],
    ['[{"kind": "Namespace", "metadata": {}}]', 'item 1 is a Namespace, expected an Event'],
    ['{"kind": "Pod"}', 'item 1 is a Pod, expected an Event'],
    ['[]', 'holds no event'],
    ['', 'holds no event'],
  ])('%j', async (text, problem) => {
    await expect(read(text)).rejects.toThrow(problem);
  });
});
