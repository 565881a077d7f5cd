import { describe, expect, it } from 'vitest';
import { createLetter } from '../../../../functions/core/runtime/letter.ts';

describe('a letter', () => {
  it('keeps the count of its replays', () => {
    const reason = { code: 'c', detail: '', destination: 'log/a', attempts: 8 };
    const letter = createLetter({ body: 'b', replays: '2' }, reason, new Date(0));
    expect(letter.attributes).toEqual({
      code: 'c',
      detail: '-',
      destination: 'log/a',
      attempts: '8',
      failedAt: '1970-01-01T00:00:00.000Z',
      replays: '2',
    });
  });

  it('has no attribute that is empty, which SQS refuses', () => {
    const reason = { code: 'c', detail: '\n', destination: '', attempts: 1 };
    expect(createLetter({ body: 'b' }, reason, new Date(0)).attributes).toMatchObject({
      detail: '-',
      destination: '-',
    });
  });
});
