import { expect, it } from 'vitest';
import * as z from 'zod/mini';
import { parseWith } from '../../../../functions/core/contract/config.ts';

it('names a key that is none without what follows its name: a header written whole holds its value', () => {
  const schema = z.strictObject({ headers: z.record(z.string().check(z.regex(/^[\w-]+$/)), z.string()) });
  expect(parseWith(schema, { headers: { 'Authorization: Bearer hunter22': '' } })).toEqual({
    problems: [{ field: 'headers.Authorization...', message: 'is not a valid name' }],
  });
});
