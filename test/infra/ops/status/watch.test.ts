import { afterEach, beforeEach, expect, test } from 'vitest';
import { startAws, type Aws } from '../../../support/aws/aws.ts';
import { AwsError } from '../../../support/aws/server.ts';
import { fakeClock, ops, wordScreen, type Run } from '../run.ts';

let aws: Aws;

beforeEach(async () => {
  aws = await startAws();
});

afterEach(() => aws.stop());

/** Watches for as many screens as there are steps, each of which happens before the next look. */
async function watch(...steps: readonly (() => void)[]): Promise<Run & { readonly screens: readonly string[] }> {
  const clock = fakeClock();
  const interrupt = new AbortController();
  const screens: string[] = [];
  const run = await ops(['status', '--watch'], {
    screen: { ...wordScreen(), redraw: (lines) => void screens.push(lines.join('\n')) },
    signal: interrupt.signal,
    clock: {
      now: clock.now,
      async sleep(ms, signal) {
        await clock.sleep(ms, signal);
        const step = steps[screens.length - 1];
        if (step) step();
        else interrupt.abort();
      },
    },
  });
  return { ...run, screens };
}

test('shows what is so, and then what has become of it, until interrupted', async () => {
  const { code, screens } = await watch(() => aws.queues.put(aws.consumer('log').deadLetterQueueUrl, 'letter'));

  expect(screens).toHaveLength(2);
  expect(screens[0]).toMatch(
    /^<detail \d\d:\d\d:\d\d, anew every 5 s until Ctrl-C>\n<detail nothing here needs you>\n\n.*QUEUE/,
  );
  expect(screens[0]).not.toContain('<act !>  log');
  expect(screens[1]).toContain('<act !>  log');
  expect(code).toBe(1);
});

test('ends with 0 where all was well at last', async () => {
  const { code } = await watch();

  expect(code).toBe(0);
});

test('what AWS refuses is shown above what was so before, and is gone when AWS answers again', async () => {
  const answer = aws.answer('GetMetricData', () => ({ MetricDataResults: [] }));
  const { screens, code } = await watch(
    () => {
      aws.answer('GetMetricData', () => {
        throw new AwsError('AccessDenied', 'not you');
      });
    },
    () => aws.answer('GetMetricData', answer),
  );

  expect(screens[1]).toContain('<act ! AWS does not allow it: not you; below is what was so 5s ago>');
  expect(screens[1]).toContain('QUEUE');
  expect(screens[2]).not.toContain('not you');
  expect(code).toBe(0);
});

test('where AWS refuses from the start, it goes on all the same', async () => {
  const metrics = aws.answer('GetMetricData', () => {
    throw new AwsError('AccessDenied', 'not you');
  });
  const { screens } = await watch(() => aws.answer('GetMetricData', metrics));

  expect(screens[0]).toContain('<act ! AWS does not allow it: not you; nothing was seen yet>');
  expect(screens[1]).toContain('QUEUE');
});

test('a stack that is not there ends it at once', async () => {
  const screen = { ...wordScreen(), redraw: () => undefined };

  const run = await ops(['status', '--watch', '--stack', 'misspelt'], { screen });

  expect(run.code).toBe(1);
  expect(run.err.join('\n')).toContain('misspelt');
});

test.each([
  [['--json'], wordScreen(), '--watch redraws a terminal, --json is for programs: leave one of them out'],
  [[], wordScreen(), '--watch redraws a terminal, which standard output is not: leave it out, and repeat the command'],
])('is refused with %j, and where nothing can be redrawn', async (argv, screen, message) => {
  const run = await ops(['status', '--watch', ...argv], { screen });

  expect(run).toMatchObject({ code: 2, out: [] });
  expect(run.err[0]).toBe(message);
  expect(aws.asked('DescribeStacks')).toEqual([]);
});
