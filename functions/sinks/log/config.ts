import * as z from 'zod/mini';
import { defineConfig, field } from '../../core/contract/config.ts';

export const config = defineConfig({
  type: 'log',
  title: 'Log',
  titleZh: '日志',
  chat: false,
  options: z.strictObject({
    format: field(
      z._default(z.enum(['json', 'text']), 'json'),
      'json: one JSON object per event; text: one line per event that a person can read.',
      'text',
    ),
  }),
  secrets: z.strictObject({}),
  runtime: { ownLog: true },
  codes: {},
});
