import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFrameParser, UnreadableFrame, versionOf } from '../../../relay/cluster/frame-parser.ts';
import type { Frame } from '../../../relay/cluster/frames.ts';
import { eventMessage } from '../../../relay/queue/message.ts';

const line = (value: unknown): Frame => ({
  line: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
});
const good = line({ type: 'ADDED', object: { metadata: { resourceVersion: '1' } } });

function setup() {
  const unreadable: string[] = [];
  const givenUp: string[] = [];
  const parser = createFrameParser(
    (kind) => unreadable.push(kind),
    (kind) => givenUp.push(kind),
  );
  /** What becomes of a frame: what it is, `again` if it is to be read once more, `skipped` if it was given up. */
  const read = (frame: Frame): unknown => {
    try {
      return parser.watchFrame(frame, (parsed) => parsed) ?? 'skipped';
    } catch (error) {
      expect(error).toBeInstanceOf(UnreadableFrame);
      return 'again';
    }
  };
  const readItem = (frame: Frame): unknown => {
    try {
      return parser.listItem(frame, (item) => item) ?? 'skipped';
    } catch {
      return 'again';
    }
  };
  return { parser, read, readItem, unreadable, givenUp };
}

describe('a frame of a watch', () => {
  test.each([
    [{ type: 'ADDED', object: { metadata: {} } }],
    [{ type: 'MODIFIED', object: { metadata: { name: 'n' }, count: 'many', involvedObject: null } }],
    [{ type: 'DELETED', object: { metadata: {} } }],
    [{ type: 'BOOKMARK', object: { metadata: {} } }],
    [{ type: 'ERROR', object: { code: 410 } }],
    [{ type: 'ERROR', object: null }],
  ])('%j is read as it is', (frame) => {
    expect(setup().read(line(frame))).toEqual(frame);
  });

  test.each([[{ type: 'SURPRISE', object: { metadata: {} } }], [{ type: 'SURPRISE' }], [{ type: '', object: 5 }]])(
    '%j is of a type that is not known, which is no fault',
    (frame) => {
      expect(setup().read(line(frame))).toEqual({ type: 'UNKNOWN' });
    },
  );

  const shapes = [null, undefined, 'text', 7, true, [], [{}]];
  test.each([
    ['null', 'wrong_shape'],
    ['7', 'wrong_shape'],
    ['"ADDED"', 'wrong_shape'],
    ['[]', 'wrong_shape'],
    ['{}', 'wrong_shape'],
    ['{"type":5,"object":{"metadata":{}}}', 'wrong_shape'],
    ['{"object":{"metadata":{}}}', 'wrong_shape'],
    ['{"type":"ADDED","object":{"metada', 'not_json'],
    ['<html>', 'not_json'],
    ...['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'].flatMap((type) => [
      ...shapes.map((object) => [JSON.stringify({ type, object }), 'wrong_shape']),
      ...shapes.map((metadata) => [JSON.stringify({ type, object: { metadata } }), 'wrong_shape']),
    ]),
  ])('%s is read once more, and then given up', (text, kind) => {
    const { read, unreadable, givenUp } = setup();
    const bad = line(text);
    expect([read(bad), givenUp]).toEqual(['again', []]);
    expect([read(bad), givenUp]).toEqual(['skipped', [kind]]);
    expect(unreadable).toEqual([kind, kind]);
    expect(read(good)).toMatchObject({ type: 'ADDED' });
  });

  test('that is too long is given up likewise', () => {
    const { read, givenUp } = setup();
    const bad = { tooLong: Buffer.from('x'.repeat(1024)) };
    expect([read(bad), read(bad), givenUp]).toEqual(['again', 'skipped', ['too_long']]);
  });

  test('that throws where it is taken is given up likewise, and why is said', () => {
    const { parser, givenUp, unreadable } = setup();
    const take = (): never => {
      throw new RangeError('too deep');
    };
    expect(() => parser.watchFrame(good, take)).toThrow('too deep');
    expect(parser.watchFrame(good, take)).toBeUndefined();
    expect([givenUp, unreadable]).toEqual([['unusable'], ['unusable', 'unusable']]);
  });
});

describe('an item of a list', () => {
  test('is an object of the API, whatever else it holds', () => {
    const item = { metadata: { name: 'n' }, type: 'ERROR', object: {} };
    expect(setup().readItem(line(item))).toEqual(item);
  });

  test.each(['null', '7', '[]', '{}', '{"metadata":null}', '{"metadata":[]}', '{"metadata":7}', '{"metadata":{}'])(
    '%s is read once more, and then given up',
    (text) => {
      const { readItem, givenUp } = setup();
      expect([readItem(line(text)), readItem(line(text))]).toEqual(['again', 'skipped']);
      expect(givenUp).toHaveLength(1);
    },
  );
});

describe('what was given up', () => {
  const bad = line('bad');

  test('is skipped each time that it comes again before the stream has got past it, and counted once', () => {
    const { read, givenUp } = setup();
    expect([read(bad), read(bad), read(good), read(bad), read(bad)].map((each) => typeof each)).toEqual([
      'string',
      'string',
      'object',
      'string',
      'string',
    ]);
    expect(givenUp).toHaveLength(1);
  });

  test('is another one when the same comes again later: it is read once more', () => {
    const { parser, read, givenUp } = setup();
    expect([read(bad), read(bad)]).toEqual(['again', 'skipped']);
    parser.passed();
    expect([read(bad), read(bad)]).toEqual(['again', 'skipped']);
    expect(givenUp).toHaveLength(2);
  });

  test('does not count against a frame that came unharmed at the second reading', () => {
    const { parser, read, givenUp } = setup();
    expect(read(bad)).toBe('again');
    parser.passed();
    expect(read(bad)).toBe('again');
    expect(givenUp).toEqual([]);
  });

  test('does not take another bad frame with it', () => {
    const { read, givenUp } = setup();
    const other = line('worse');
    expect([read(bad), read(bad), read(other), read(bad), read(other)]).toEqual([
      'again',
      'skipped',
      'again',
      'skipped',
      'skipped',
    ]);
    expect(givenUp).toHaveLength(2);
  });

  test('is told apart by its first kilobyte', () => {
    const { read } = setup();
    const start = 'x'.repeat(1023);
    expect([read(line(`${start}a`)), read(line(`${start}b`)), read(line(`${start}b!`))]).toEqual([
      'again',
      'again',
      'skipped',
    ]);
  });
});

test('whatever an event holds besides its metadata, a message can be made of it', () => {
  const odd = fc.jsonValue({ maxDepth: 3 });
  const names = fc.constantFrom('involvedObject', 'series', 'count', 'message', 'type', 'source', 'lastTimestamp', 'x');
  const metadata = fc.dictionary(fc.constantFrom('name', 'uid', 'namespace', 'labels', 'managedFields'), odd);
  fc.assert(
    fc.property(fc.dictionary(names, odd), metadata, fc.constantFrom(300, 256 * 1024), (fields, meta, maxBytes) => {
      const { parser } = setup();
      const frame = line({ type: 'ADDED', object: { ...fields, metadata: meta } });
      const body = parser.watchFrame(frame, (parsed) =>
        parsed.type === 'ADDED' ? eventMessage('c', 'added', parsed.object, 0, maxBytes).body : undefined,
      );
      expect(JSON.parse(body ?? '')).toMatchObject({ v: 1, kind: 'event' });
    }),
  );
});

test.each([
  [{ metadata: { resourceVersion: '7' } }, '7'],
  [{ metadata: { resourceVersion: 7 } }, ''],
  [{ metadata: null }, ''],
  [undefined, ''],
])('the version of %j is %j', (object, expected) => {
  expect(versionOf(object)).toBe(expected);
});
