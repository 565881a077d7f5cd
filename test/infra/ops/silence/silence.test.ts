import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startAws, type Aws } from '../../../support/aws/aws.ts';
import { AwsError } from '../../../support/aws/server.ts';
import { fakeClock, folderOf, ops, remove } from '../run.ts';

const MINUTE_MS = 60_000;
const ROLLOUT = '/kube-courier/silences/rollout';
const clock = fakeClock();

const rollout = {
  match: [{ namespace: 'shop', reason: 'BackOff' }],
  until: '2026-11-23T14:00:00Z',
  why: 'rollout of the shop',
  by: 'operator/alice',
};
const ADD = ['silence', 'add', 'rollout', '--why', rollout.why, '--namespace', 'shop', '--reason', 'BackOff'];
const SAID =
  'rollout: until 2026-11-23T14:00:00Z (2h left), by operator/alice: rollout of the shop; holds reason BackOff and namespace shop';

describe('a stack', () => {
  let aws: Aws;

  beforeEach(async () => {
    aws = await startAws({ sinks: ['log', 'dingtalk', 'wechat'] });
    aws.answer('GetCallerIdentity', () => ({
      Arn: 'arn:aws:sts::000000000000:assumed-role/operator/alice',
      Account: '000000000000',
    }));
    aws.parameters.put('/kube-courier/destinations/dingtalk/on-call', {});
    aws.parameters.put('/kube-courier/destinations/dingtalk/all', { silences: false });
    aws.parameters.put('/kube-courier/destinations/wechat/team', { mode: 'robot' });
    aws.parameters.put('/kube-courier/destinations/log/all', {});
  });

  afterEach(() => aws.stop());

  const run = (...argv: readonly string[]) => ops(argv, { clock });
  const stored = (): unknown => JSON.parse(aws.parameters.get(ROLLOUT) ?? 'null');

  test('gets a silence with who made it, and the destinations it holds are named', async () => {
    const added = await run(...ADD, '--for', '2h');

    expect(added).toEqual({ code: 0, out: [], err: [SAID, 'destinations: dingtalk/on-call, wechat/team'] });
    expect(stored()).toEqual(rollout);
    expect(aws.asked('PutParameter')).toMatchObject([{ Name: ROLLOUT, Type: 'String' }]);
  });

  test('gets one until an instant, with options given several times as any of their values', async () => {
    const argv = [...ADD, '--reason', 'Unhealthy', '--until', '2026-11-23T15:00:00+01:00', '--json'];
    const added = await run(...argv);

    const document = { ...rollout, match: [{ namespace: 'shop', reason: ['BackOff', 'Unhealthy'] }] };
    expect(stored()).toEqual(document);
    expect(added.out.map((line): unknown => JSON.parse(line))).toEqual([
      { silence: 'rollout', ...document, destinations: ['dingtalk/on-call', 'wechat/team'] },
    ]);
  });

  test('gets one with rules as in filters, and is told what they need', async () => {
    const rule = '{"namespaceLabels":{"team":"payments"}}';
    const argv = ['silence', 'add', 'rollout', '--for', '30m', '--why', 'drill', '--match', rule];
    const added = await run(...argv, '--match', '{"kind":"Node"}');

    expect(stored()).toMatchObject({ match: [JSON.parse(rule), { kind: 'Node' }] });
    expect(added.err).toEqual([
      expect.stringContaining('holds namespaceLabels.team payments, or kind Node'),
      'destinations: dingtalk/on-call, wechat/team',
      'note: match[0].namespaceLabels needs a relay with --enrich labels (ops relay manifest), and is not known without',
    ]);
  });

  test('says so where silences hold none of its destinations', async () => {
    aws.parameters.put('/kube-courier/destinations/dingtalk/on-call', { silences: false });
    aws.parameters.put('/kube-courier/destinations/wechat/team', { unknown: true });

    expect((await run(...ADD, '--for', '2h')).err[1]).toBe('note: no destination is held by silences: they hold chats');
  });

  test('keeps a silence that is in force, unless told to replace it; one that has ended is over', async () => {
    aws.parameters.put(ROLLOUT, rollout);
    const refused = await run(...ADD, '--for', '1h');
    expect(refused).toEqual({
      code: 1,
      out: [],
      err: [`there is a silence ${SAID}`, 'choose another name, or repeat with --replace'],
    });
    expect((await run(...ADD, '--for', '1h', '--replace')).code).toBe(0);
    expect(stored()).toMatchObject({ until: '2026-11-23T13:00:00Z' });

    aws.parameters.put(ROLLOUT, { ...rollout, until: '2026-11-23T12:00:00Z' });
    expect((await run(...ADD, '--for', '1h')).code).toBe(0);
  });

  test('takes whoever has logged in here where AWS does not say who that is', async () => {
    aws.answer('GetCallerIdentity', () => {
      throw new AwsError('AccessDenied', 'no');
    });
    await ops([...ADD, '--for', '2h'], { clock, env: { USER: 'bob' } });

    expect(stored()).toMatchObject({ by: 'bob' });
  });

  test('lists silences with their ends, their mistakes, and what those in force have held of late', async () => {
    aws.parameters.put(ROLLOUT, rollout);
    aws.parameters.put('/kube-courier/silences/drill', { ...rollout, until: '2026-11-23T11:00:00Z' });
    aws.parameters.put('/kube-courier/silences/odd', { ...rollout, match: [{ reson: 'x' }] });
    const held = (Filtered: number, silence: string, minutes: number): void =>
      aws.log(JSON.stringify({ Filtered, cause: 'silenced', silence }), clock.now() - minutes * MINUTE_MS);
    held(3, 'rollout', 1);
    held(4, 'rollout', 19);
    held(50, 'rollout', 21);
    held(60, 'other', 1);

    const listed = await run('silence', 'ls');
    const rows = (await run('silence', 'ls', '--json')).out.map((line): unknown => JSON.parse(line));

    expect(listed).toEqual({
      code: 1,
      out: [
        'drill: ended 1h ago, by operator/alice: rollout of the shop; holds reason BackOff and namespace shop',
        `${SAID}; has held 7 events in 20m`,
        'odd: holds nothing: match[0].reson is not a known field (did you mean reason?)',
      ],
      err: [],
    });
    expect(rows).toMatchObject([
      { silence: 'drill', state: 'ended' },
      { silence: 'rollout', state: 'in force', ...rollout, held: 7 },
      { silence: 'odd', state: 'invalid' },
    ]);
  });

  test('loses a silence, or all that have ended', async () => {
    aws.parameters.put(ROLLOUT, rollout);
    aws.parameters.put('/kube-courier/silences/deep/er', rollout);
    aws.parameters.put('/kube-courier/silences/drill', { ...rollout, until: '2026-11-23T11:00:00Z' });

    expect(await run('silence', 'rm', '--ended')).toMatchObject({ code: 0, err: ['removed 1 silence'] });
    expect(await run('silence', 'rm', 'deep/er', '--json')).toMatchObject({
      code: 0,
      out: [JSON.stringify({ silence: 'deep/er', removed: true })],
    });
    expect(await run('silence', 'rm', 'rolout')).toMatchObject({
      code: 1,
      err: ['there is no silence rolout (did you mean rollout?)'],
    });
    expect(await run('silence', 'rm', 'rollout')).toMatchObject({ code: 0, err: ['removed rollout'] });
    expect(await run('silence', 'ls')).toEqual({
      code: 0,
      out: [],
      err: ['there are no silences: see silence add --help'],
    });
  });
});

describe('a dry run', () => {
  test('says what would be added and removed, and does neither', async () => {
    const aws = await startAws({ sinks: ['log'] });
    aws.parameters.put('/kube-courier/silences/drill', rollout);
    const run = (...argv: readonly string[]) => ops(argv, { clock });

    const added = await run(...ADD, '--for', '2h', '--dry-run');
    const removed = await run('silence', 'rm', 'drill', '--dry-run');
    const missing = await run('silence', 'rm', 'dril', '--dry-run');
    await aws.stop();

    expect(added.code).toBe(0);
    expect(added.err.at(-1)).toBe('nothing was written (dry run)');
    expect(removed).toEqual({ code: 0, out: [], err: ['would remove drill'] });
    expect(missing).toMatchObject({ code: 1, err: ['there is no silence dril (did you mean drill?)'] });
    expect([...aws.asked('PutParameter'), ...aws.asked('DeleteParameter')]).toEqual([]);
  });
});

describe('a folder', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await folderOf({ 'destinations/dingtalk/on-call.json': {}, 'secrets/dingtalk/on-call.json': {} });
  });

  afterEach(() => remove(folder));

  const run = (...argv: readonly string[]) =>
    ops([...argv, '--folder', folder], { clock, env: { USER: 'operator/alice' } });
  const file = (): string => join(folder, 'silences/rollout.json');

  test('keeps silences as files, without AWS', async () => {
    expect(await run(...ADD, '--for', '2h')).toMatchObject({ code: 0, err: [SAID, 'destinations: dingtalk/on-call'] });
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toEqual(rollout);
    expect(await run('silence', 'ls')).toEqual({ code: 0, out: [SAID], err: [] });
    expect(await run('silence', 'rm', 'rollout')).toMatchObject({ code: 0 });
    expect(existsSync(file())).toBe(false);
    expect(await run('silence', 'rm', 'rollout')).toMatchObject({ code: 1, err: ['there is no silence rollout'] });
  });

  test.each<[string, readonly string[], string | RegExp]>([
    ['no end', [], 'expected either --for or --until'],
    ['two ends', ['--for', '1h', '--until', '2026-11-24'], 'expected either --for or --until'],
    ['a duration that is none', ['--for', '1y'], '--for is 1y, expected a duration such as 30m, 2h or 3d'],
    ['no duration', ['--for', '0m'], '--for is 0m, expected a duration such as 30m, 2h or 3d'],
    ['a time that is none', ['--until', 'soon'], '--until is soon, expected a time such as 2026-11-27T18:00:00Z'],
    ['a time that is over', ['--until', '2026-11-23T11:59:59Z'], '--until is 2026-11-23T11:59:59Z, which is over'],
    ['a time too far ahead', ['--for', '31d'], 'until: is more than 30 days ahead: what lasts belongs into a filter'],
    ['rules of both kinds', ['--for', '1h', '--match', '{}'], '--match takes the place of the options of fields'],
    ['a severity that is none', ['--for', '1h', '--severity', 'Info'], /^--severity: .*did you mean info\?/],
    ['a pattern that is none', ['--for', '1h', '--name', '/(/'], /^--name: not a valid regular expression/],
  ])('gets no silence with %s', async (_what, argv, message) => {
    const { code, err } = await run(...ADD, ...argv);
    expect([code, err[0]]).toEqual([2, typeof message === 'string' ? message : expect.stringMatching(message)]);
    expect(existsSync(file())).toBe(false);
  });

  test.each<[string, readonly string[], string | RegExp]>([
    ['nothing to hold', ['x', '--why', 'y', '--for', '1h'], /^say what it holds: --match, or --namespace, --reason, /],
    ['no reason', ['x', '--for', '1h', '--kind', 'Pod'], '--why TEXT is missing'],
    ['an empty reason', ['x', '--why', ' ', '--for', '1h', '--kind', 'Pod'], 'why: expected one line of text'],
    ['a name that is none', ['a/b', '--why', 'y', '--for', '1h', '--kind', 'Pod'], /^a\/b is no name/],
    ['an empty rule', ['x', '--why', 'y', '--for', '1h', '--match', '{}'], /^match\[0\]: a rule needs at least one/],
    ['a rule that is no JSON', ['x', '--why', 'y', '--for', '1h', '--match', '{'], /^--match is not JSON: /],
  ])('gets no silence with %s either', async (_what, argv, message) => {
    const { code, err } = await run('silence', 'add', ...argv);
    expect([code, err[0]]).toEqual([2, typeof message === 'string' ? message : expect.stringMatching(message)]);
  });

  test('that is not there is not made', async () => {
    const { code, err } = await ops([...ADD, '--for', '2h', '--folder', join(folder, 'gone')], { clock });
    expect(code).toBe(1);
    expect(err.join()).toMatch(/gone/);
    expect(existsSync(join(folder, 'gone'))).toBe(false);
  });

  test('is not left by the name of a silence', async () => {
    expect(await run('silence', 'rm', '../destinations/dingtalk/on-call')).toMatchObject({ code: 2 });
    expect(existsSync(join(folder, 'destinations/dingtalk/on-call.json'))).toBe(true);
  });
});
