import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ContextError } from '../../infra/stack/settings.ts';
import { withSettingsFile } from '../../infra/stack/settings-file.ts';
import { folderOf, remove } from './ops/run.ts';

let folder: string | undefined;

afterEach(async () => {
  if (folder !== undefined) await remove(folder);
  folder = undefined;
});

async function given(content: unknown, context: Readonly<Record<string, unknown>> = {}) {
  folder = await folderOf({ 'my.json': content });
  return withSettingsFile({ settings: join(folder, 'my.json'), ...context }, ['log', 'kafka']);
}

async function mistake(content: unknown): Promise<string> {
  try {
    await given(content);
  } catch (error) {
    if (error instanceof ContextError) return error.message.replaceAll(String(folder), 'DIR');
    throw error;
  }
  return '';
}

test('settings stand in a file of their own', async () => {
  const { context, file, overridden } = await given(
    { sinks: ['log'], 'sinks.kafka.batchSize': 5, 'router.memoryMb': 512 },
    { '@aws-cdk/core:checkSecretUsage': true },
  );

  expect(context).toEqual({
    sinks: ['log'],
    'sinks.kafka.batchSize': 5,
    'router.memoryMb': 512,
    '@aws-cdk/core:checkSecretUsage': true,
  });
  expect(file).toBe(join(String(folder), 'my.json'));
  expect(overridden).toEqual([]);
});

test('context counts where it has another value, which is said', async () => {
  const { context, overridden } = await given({ sinks: ['log'], dashboard: true }, { sinks: 'kafka', dashboard: true });

  expect(context).toMatchObject({ sinks: 'kafka', dashboard: true });
  expect(overridden).toEqual(['sinks']);
});

test('without a file, context is all there is', () => {
  expect(withSettingsFile({ sinks: 'log' }, ['log'])).toEqual({
    context: { sinks: 'log' },
    file: undefined,
    overridden: [],
  });
});

test.each([
  ['{\n  "sinks": ["log"],\n}', 'DIR/my.json is not JSON: syntax error at line 3, column 1'],
  ['["log"]', 'DIR/my.json is not a JSON object'],
  [{ sink: ['log'] }, 'DIR/my.json: sink is not a known setting (did you mean sinks?)'],
  [{ 'sinks.kafak.batchSize': 5 }, expect.stringMatching(/^DIR\/my\.json: sinks\.kafak\.batchSize names "kafak"/)],
  [{ colour: 'red' }, expect.stringMatching(/^DIR\/my\.json: colour is not a known setting \(known: sinks, /)],
  [
    { removeSinks: ['kafka'] },
    'DIR/my.json: removeSinks is for one deployment and does not belong into a file: --context removeSinks=...',
  ],
])('fails on %j, naming the file and the place', async (content, message) => {
  expect(await mistake(content)).toEqual(message);
});

test('fails on a file that is named and is not there', () => {
  expect(() => withSettingsFile({ settings: '/nowhere/my.json' }, ['log'])).toThrow(
    /^\/nowhere\/my\.json cannot be read/,
  );
});
