import { describe, expect, it } from 'vitest';
import { createLog } from '../../../../functions/core/runtime/log.ts';

describe('a log line', () => {
  it('is one JSON document with level, time, message and fields, what is undefined left out', () => {
    const lines: string[] = [];
    const log = createLog((line) => lines.push(line), { sink: 'probe' });
    log.info('fine', { detail: 'two\nlines' });
    log.warn('look', { event: undefined, attempts: 3 });
    log.error('act');

    const documents = lines.map((line) => JSON.parse(line));
    for (const { time } of documents) expect(time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(documents.map((document) => ({ ...document, time: undefined }))).toEqual([
      { level: 'info', message: 'fine', sink: 'probe', detail: 'two\nlines' },
      { level: 'warn', message: 'look', sink: 'probe', attempts: 3 },
      { level: 'error', message: 'act', sink: 'probe' },
    ]);
    for (const line of lines) expect(line).not.toContain('\n');
  });
});
