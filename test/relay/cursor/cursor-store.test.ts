import { expect, test } from 'vitest';
import { noCursorStore } from '../../../relay/cursor/cursor-store.ts';

test('where no cursor is kept, each start is a first one, of an installation of its own', async () => {
  const owner = { cursors: () => undefined, canSend: () => false };
  const acquire = () => noCursorStore().acquire(owner, new AbortController().signal);
  const [first, second] = [await acquire(), await acquire()];
  expect(first).toMatchObject({ saved: {}, cursorLost: false, patienceMs: Infinity, lost: { aborted: false } });
  expect(first?.installation).not.toBe(second?.installation);
  expect(noCursorStore().state()).toEqual({});
});
