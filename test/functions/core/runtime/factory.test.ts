import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Deadline } from '../../../../functions/core/runtime/deadline.ts';
import { createFunction, type Tools } from '../../../../functions/core/runtime/function.ts';
import { config } from '../../../../functions/sinks/log/config.ts';

const context = { getRemainingTimeInMillis: () => 60_000 };

let folder: string;
let lines: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'courier-'));
  lines = [];
  mkdirSync(join(folder, 'destinations/log'), { recursive: true });
  return () => rmSync(folder, { recursive: true });
});

interface Given {
  readonly env?: Record<string, string>;
  readonly only?: string;
  readonly assemble?: (tools: Tools) => Tools;
}

function start({ env, only, assemble = (tools) => tools }: Given = {}) {
  return createFunction(
    { name: only ?? 'router', ...(only !== undefined && { only }), configOf: async () => config, assemble },
    {
      env: { DESTINATIONS: `file:${folder}`, DEAD_LETTER_QUEUE_URL: 'http://127.0.0.1:9/letters', ...env },
      output: { stdout: (line) => lines.push(line), stderr: (line) => lines.push(line) },
    },
  );
}

describe('a function', () => {
  it('can be made without an environment, and says at its first invocation what is missing', async () => {
    const invoke = start({ env: { DEAD_LETTER_QUEUE_URL: '' } });
    await expect(invoke(context, async () => 'done')).rejects.toThrow(
      'environment variable DEAD_LETTER_QUEUE_URL is not set',
    );
  });

  it('makes its parts once, by the first invocation that can', async () => {
    let made = 0;
    const invoke = start({
      assemble(tools) {
        made += 1;
        if (made === 1) throw new Error('not yet');
        return tools;
      },
    });

    await expect(invoke(context, async () => 'done')).rejects.toThrow('not yet');
    const first = await invoke(context, async (parts) => parts);
    expect(await invoke(context, async (parts) => parts)).toBe(first);
    expect(made).toBe(2);
  });

  it('gives each invocation a deadline of its own, and stops its clock at the end', async () => {
    const invoke = start();
    const deadlines: Deadline[] = [];
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    await invoke(context, async (_parts, deadline) => void deadlines.push(deadline));
    await expect(
      invoke({ getRemainingTimeInMillis: () => 0 }, async (_parts, deadline) => {
        deadlines.push(deadline);
        await new Promise((resolve) => deadline.work.addEventListener('abort', resolve));
        throw new Error('late');
      }),
    ).rejects.toThrow('late');

    expect(deadlines.map(({ work }) => work.aborted)).toEqual([false, true]);
    // One of the test runner's own may have ended meanwhile.
    expect(timers()).toBeLessThanOrEqual(before);
  });

  it.each([
    ['succeeded', async () => {}],
    ['failed', () => Promise.reject(new Error('no'))],
  ])('writes its metrics when an invocation has %s', async (_how, end) => {
    await start()(context, async ({ metrics }) => {
      metrics.add('Received', 2, { Cluster: 'prod' });
      return end();
    }).catch(() => {});
    expect(lines.map((line) => JSON.parse(line).Received)).toEqual([2]);
  });

  it.each([
    ['router', undefined],
    ['sink', 'log'],
  ])('a %s says that a destination needs repair, and which with every count of it', async (_function, only) => {
    writeFileSync(join(folder, 'destinations/log/bad.json'), JSON.stringify({ 'for\u0007maat': 'text' }));
    await start(only === undefined ? {} : { only })(context, async ({ destinations }) =>
      destinations.load({ signal: AbortSignal.timeout(60_000) }),
    );

    const [logged, counted] = lines.map((line) => JSON.parse(line));
    expect(logged).toMatchObject({
      level: 'error',
      sink: only ?? 'router',
      message: 'a destination needs repair',
      destination: 'log/bad',
      document: 'destinations/log/bad',
      detail: expect.stringContaining('for maat is not a known field'),
      inForce: 'nothing',
    });
    expect(counted).toMatchObject({ ConfigErrors: 1, Sink: only ?? 'router', destination: 'log/bad' });
    expect(counted._aws.CloudWatchMetrics[0].Dimensions).toEqual([['Sink']]);
  });
});
