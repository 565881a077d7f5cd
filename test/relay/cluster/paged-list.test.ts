import { describe, expect, test } from 'vitest';
import { ApiError } from '../../../relay/cluster/api-error.ts';
import type { EventApi } from '../../../relay/cluster/event-api.ts';
import { createPagedList, type PagedList } from '../../../relay/cluster/paged-list.ts';
import { frameText } from '../../support/frames.ts';

const never = new AbortController().signal;

interface Page {
  /** Each a chunk of items. */
  readonly chunks?: readonly (readonly string[])[];
  readonly version?: string;
  readonly next?: string;
  /** Thrown after the chunks, instead of the head. */
  readonly error?: Error;
}

/** A list whose pages are answered in this order, whatever is asked. */
function listOf(...pages: readonly Page[]) {
  const asked: string[] = [];
  const items: string[] = [];
  const order: string[] = [];
  const api: Pick<EventApi, 'page'> = {
    async *page(token, _signal, onHead) {
      const { chunks = [], version = '7', next = '', error } = pages[asked.length] ?? {};
      asked.push(token);
      order.push(`page ${token}`);
      for (const chunk of chunks) yield chunk.map((text) => ({ line: Buffer.from(text) }));
      if (error !== undefined) throw error;
      onHead({ resourceVersion: version, continue: next });
    },
  };
  const list = createPagedList(api);
  const read = (signal = never, from: PagedList = list): Promise<string | undefined> =>
    from.read(
      {
        onItem(frame) {
          const text = frameText(frame);
          items.push(text);
          order.push(text);
        },
        beforePage: async () => void order.push('room'),
        afterChunk: async () => void order.push('chunk'),
      },
      signal,
    );
  return { list, read, asked, items, order };
}

const broken = new Error('read ECONNRESET');
const expired = (token?: string): ApiError =>
  new ApiError(410, { reason: 'Expired', metadata: token === undefined ? {} : { continue: token } });

describe('a list in pages', () => {
  test('gives the items of all pages, and the version of the first', async () => {
    const { read, asked, items } = listOf(
      { chunks: [['a', 'b'], ['c']], version: '7', next: 't1' },
      { chunks: [['d']], version: '7', next: 't2' },
      { chunks: [['e']], version: '9' },
    );
    expect(await read()).toBe('7');
    expect(asked).toEqual(['', 't1', 't2']);
    expect(items).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('waits for room before each page, and after each chunk', async () => {
    const { read, order } = listOf({ chunks: [['a'], ['b']], next: 't1' }, { chunks: [['c']] });
    await read();
    expect(order).toEqual(['room', 'page ', 'a', 'chunk', 'b', 'chunk', 'room', 'page t1', 'c', 'chunk']);
  });

  test('begins anew when it is read again', async () => {
    const { read, asked } = listOf({ version: '7' }, { version: '8' });
    expect([await read(), await read()]).toEqual(['7', '8']);
    expect(asked).toEqual(['', '']);
  });

  test('asks for no page once the signal has aborted', async () => {
    const { read, asked } = listOf({});
    expect(await read(AbortSignal.abort())).toBeUndefined();
    expect(asked).toEqual([]);
  });
});

describe('a page that breaks', () => {
  test('goes on behind the last item taken', async () => {
    const { read, asked, items } = listOf(
      { chunks: [['a']], next: 't1' },
      { chunks: [['b', 'c']], error: broken },
      { chunks: [['b', 'c', 'd']], version: '9' },
    );
    await expect(read()).rejects.toThrow('ECONNRESET');
    expect(await read()).toBe('7');
    expect(asked).toEqual(['', 't1', 't1']);
    expect(items).toEqual(['a', 'b', 'c', 'd']);
  });

  test('is read from its beginning if it is the first: without a token it may hold something else', async () => {
    const { read, items } = listOf({ chunks: [['a', 'b']], error: broken }, { chunks: [['b', 'c']], version: '8' });
    await expect(read()).rejects.toThrow('ECONNRESET');
    expect(await read()).toBe('8');
    expect(items).toEqual(['a', 'b', 'b', 'c']);
  });

  test('is forgotten with its list', async () => {
    const { list, read, asked } = listOf({ next: 't1' }, { error: broken }, { version: '9' });
    await expect(read()).rejects.toThrow('ECONNRESET');
    list.forget();
    expect(await read()).toBe('9');
    expect(asked).toEqual(['', 't1', '']);
  });
});

describe('a token that has expired', () => {
  test('is replaced by its successor, and the watch still begins where the list did', async () => {
    const { read, asked, items } = listOf(
      { chunks: [['a']], version: '7', next: 't1' },
      { error: expired('s1') },
      { chunks: [['b']], version: '9' },
    );
    expect(await read()).toBe('7');
    expect(asked).toEqual(['', 't1', 's1']);
    expect(items).toEqual(['a', 'b']);
  });

  test('gives the list up if there is none', async () => {
    const { read, asked } = listOf({ next: 't1' }, { error: expired() }, { version: '9' });
    await expect(read()).rejects.toThrow('410');
    expect(await read()).toBe('9');
    expect(asked).toEqual(['', 't1', '']);
  });

  test('and whose successor has expired too, is for the caller to try again', async () => {
    const { read, asked } = listOf({ next: 't1' }, { error: expired('s1') }, { error: expired('s2') }, {});
    await expect(read()).rejects.toThrow('410');
    expect(await read()).toBe('7');
    expect(asked).toEqual(['', 't1', 's1', 's2']);
  });

  test('of the first page, which has none, is an error', async () => {
    const { read } = listOf({ error: expired('s1') });
    await expect(read()).rejects.toThrow('410');
  });
});
