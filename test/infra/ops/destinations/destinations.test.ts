import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startAws, type Aws } from '../../../support/aws/aws.ts';
import { AwsError } from '../../../support/aws/server.ts';
import { fakeClock, folderOf, ops, remove, type Run } from '../run.ts';

const TEAM = '/kube-courier/destinations/webhook/team';
const TEAM_SECRETS = '/kube-courier/secrets/webhook/team';
const URL = 'https://hooks.example.com/hidden-path';

let aws: Aws;
let folder: string;

beforeEach(async () => {
  aws = await startAws({ sinks: ['log', 'webhook'] });
  folder = await folderOf({ 'team.json': { method: 'POST', url: URL } });
});

afterEach(async () => {
  await aws.stop();
  await remove(folder);
});

const set = (...more: readonly string[]) => ops(['destinations', 'set', 'webhook/team', ...more]);

describe('set', () => {
  test('writes the document and, apart from it, the secrets; and says nothing of their values', async () => {
    const run = await set('--file', join(folder, 'team.json'));

    expect(run.code).toBe(0);
    expect(JSON.parse(aws.parameters.get(TEAM) ?? '')).toEqual({ method: 'POST' });
    expect(JSON.parse(aws.parameters.get(TEAM_SECRETS) ?? '')).toEqual({ url: URL });
    expect(aws.asked('PutParameter').map(({ Name, Type, Tier, Overwrite }) => [Name, Type, Tier, Overwrite])).toEqual([
      [TEAM_SECRETS, 'SecureString', 'Intelligent-Tiering', true],
      [TEAM, 'String', 'Intelligent-Tiering', true],
    ]);
    expect(run.err).toEqual([
      'webhook/team (new):',
      '  + method: "POST"',
      '  + url: [secret] (secret)',
      'written as version 1; functions take it over within a minute',
    ]);
    expect([...run.out, ...run.err].join()).not.toContain('hidden-path');
  });

  test('writes nothing where nothing changes, and nothing of what does not', async () => {
    await set('--file', join(folder, 'team.json'));
    const again = await set('--file', join(folder, 'team.json'));
    await writeFile(join(folder, 'team.json'), JSON.stringify({ method: 'PUT' }));
    const changed = await set('--file', join(folder, 'team.json'), '--json');

    expect(again).toMatchObject({ code: 0, err: ['webhook/team is up to date'] });
    expect(changed.out).toEqual([JSON.stringify({ destination: 'webhook/team', changed: true })]);
    expect([aws.parameters.versions(TEAM), aws.parameters.versions(TEAM_SECRETS)]).toEqual([2, 1]);
  });

  test('with --dry-run shows the difference and writes nothing', async () => {
    const run = await set('--file', join(folder, 'team.json'), '--dry-run');

    expect(run).toMatchObject({ code: 0 });
    expect(run.err).toContain('  + method: "POST"');
    expect(aws.asked('PutParameter')).toEqual([]);
  });

  test('changes one secret alone, and keeps the other entries of a record', async () => {
    aws.parameters.put(TEAM, {});
    aws.parameters.put(TEAM_SECRETS, { url: URL, secretHeaders: { 'X-A': 'a', 'X-B': 'b' } }, 'SecureString');

    await set('--secret', 'secretHeaders.X-B=env:TOKEN');
    const run = await ops(['destinations', 'set', 'webhook/team', '--secret', 'secretHeaders.X-B=env:TOKEN'], {
      env: { TOKEN: 'new-token' },
    });

    expect(run.code).toBe(0);
    expect(JSON.parse(aws.parameters.get(TEAM_SECRETS) ?? '')).toEqual({
      url: URL,
      secretHeaders: { 'X-A': 'a', 'X-B': 'new-token' },
    });
    expect(aws.parameters.versions(TEAM)).toBe(1);
    expect(run.err.join()).not.toContain('new-token');
  });

  test('asks for a secret that has no source, and takes files without their last line end', async () => {
    const file = join(folder, 'token.txt');
    await writeFile(file, 'from-file\n');
    await writeFile(join(folder, 'team.json'), JSON.stringify({ method: 'POST' }));

    const argv = ['destinations', 'set', 'webhook/team', '--file', join(folder, 'team.json')];
    const run = await ops([...argv, '--secret', 'url', '--secret', `secretHeaders.X-A=file:${file}`], {
      askSecret: async (question) => (question === 'Value of url (not shown)' ? URL : ''),
    });

    expect(run.code).toBe(0);
    expect(JSON.parse(aws.parameters.get(TEAM_SECRETS) ?? '')).toEqual({
      url: URL,
      secretHeaders: { 'X-A': 'from-file' },
    });
  });

  test('refuses a secret on the command line, one that is empty, and one from a variable that is not set', async () => {
    const typed = await set('--secret', `url=${URL}`);
    const empty = await ops(['destinations', 'set', 'webhook/team', '--secret', 'url=env:EMPTY'], {
      env: { EMPTY: '' },
    });
    const missing = await set('--secret', 'url=env:MISSING');

    expect(typed.code).toBe(2);
    expect(typed.err.join()).not.toContain('hidden-path');
    expect(empty).toMatchObject({ code: 1, err: ['the value of url is empty: nothing was written'] });
    expect(missing).toMatchObject({ code: 1, err: ['the variable MISSING is not set: nothing was written'] });
    expect(aws.asked('PutParameter')).toEqual([]);
  });

  test('names every mistake and writes nothing', async () => {
    await writeFile(
      join(folder, 'team.json'),
      JSON.stringify({ methd: 'PUT', filter: { match: [{ reason: '/(/' }] } }),
    );

    const run = await set('--file', join(folder, 'team.json'));

    expect(run.code).toBe(1);
    expect(run.err).toEqual([
      expect.stringMatching(/^\/kube-courier\/destinations\/webhook\/team: filter\.match\[0\]\.reason /),
      expect.stringMatching(/^\/kube-courier\/destinations\/webhook\/team: methd .*did you mean method/),
      'nothing was written',
    ]);
    expect(aws.asked('PutParameter')).toEqual([]);
  });

  test('of a secret that is missing names the flag that asks for it', async () => {
    await writeFile(join(folder, 'team.json'), JSON.stringify({ method: 'PUT' }));

    const run = await set('--file', join(folder, 'team.json'));
    aws.parameters.put(TEAM, {});
    const checked = await ops(['destinations', 'validate']);

    const missing = '/kube-courier/secrets/webhook/team: url is missing (expected string); to be asked for it:';
    expect(run.err[0]).toBe(`${missing} destinations set webhook/team --file FILE --secret url`);
    expect(checked.out).toEqual([`${missing} destinations set webhook/team --secret url`]);
  });

  test('of a chat without a filter says what that means, and writes it', async () => {
    await aws.stop();
    aws = await startAws({ sinks: ['dingtalk'] });
    const file = join(folder, 'chat.json');
    const setChat = async (document: object) => {
      await writeFile(file, JSON.stringify({ accessToken: 'token', ...document }));
      return ops(['destinations', 'set', 'dingtalk/ops', '--file', file]);
    };

    const unfiltered = await setChat({});
    const checked = await ops(['destinations', 'validate']);
    const filtered = await setChat({ filter: { match: [{ type: 'Warning' }] } });

    expect(unfiltered.code).toBe(0);
    expect(unfiltered.err).toContainEqual(
      expect.stringMatching(/^note: \/kube-courier\/destinations\/dingtalk\/ops: filter is not given: everything/),
    );
    expect(checked).toMatchObject({ code: 0, out: [] });
    expect(checked.err[0]).toMatch(/^note: .*filter is not given/);
    expect(filtered.err.join()).not.toContain('note:');
  });

  test('refuses a type that is not deployed, and one that does not exist', async () => {
    const kafka = await ops(['destinations', 'set', 'kafka/x', '--file', join(folder, 'team.json')]);
    const typo = await ops(['destinations', 'set', 'webhok/x', '--file', join(folder, 'team.json')]);

    expect(kafka.code).toBe(1);
    expect(kafka.err[0]).toMatch(/^the sink type kafka is not deployed: add it/);
    expect(typo).toMatchObject({ code: 1, err: ['there is no sink type webhok (did you mean webhook?)'] });
  });

  test('of a folder goes on after one that cannot be set, and ends with 1', async () => {
    const many = await folderOf({
      'destinations/log/a.json': { formatt: 'text' },
      'destinations/log/b.json': { format: 'text' },
      'destinations/webhook/c.json': {},
      'secrets/webhook/c.json': { url: URL },
    });

    const run = await ops(['destinations', 'set', '--folder', many]);
    await remove(many);

    expect(run.code).toBe(1);
    expect(run.err.at(-1)).toBe('2 of 3 destinations are as in the folder');
    expect(aws.parameters.get('/kube-courier/destinations/log/b')).toBeDefined();
    expect(JSON.parse(aws.parameters.get('/kube-courier/secrets/webhook/c') ?? '')).toEqual({ url: URL });
  });

  test('of one of a folder sets no other', async () => {
    const many = await folderOf({ 'destinations/log/a.json': {}, 'destinations/log/b.json': {} });

    const run = await ops(['destinations', 'set', 'log/b', '--folder', many]);
    await remove(many);

    expect(run).toMatchObject({ code: 0 });
    expect(run.err.at(-1)).toBe('1 of 1 destination is as in the folder');
    expect(aws.parameters.get('/kube-courier/destinations/log/a')).toBeUndefined();
  });
});

describe('edit', () => {
  /** @param meanwhile what somebody else does once the editor is about to open */
  async function edit(script: string, meanwhile?: () => void): Promise<Run> {
    const editor = join(folder, 'editor.sh');
    await writeFile(editor, `#!/bin/sh\necho "$1" > ${join(folder, 'opened')}\n${script}\n`, { mode: 0o700 });
    const env = {
      get EDITOR(): string {
        meanwhile?.();
        return editor;
      },
    };
    return ops(['destinations', 'edit', 'webhook/team'], { env });
  }

  /** The file that the editor had open. */
  const openedFile = async (): Promise<string> => (await readFile(join(folder, 'opened'), 'utf8')).trim();

  test('writes what was saved in the editor, and never shows it a secret', async () => {
    aws.parameters.put(TEAM, { method: 'POST' });
    aws.parameters.put(TEAM_SECRETS, { url: URL }, 'SecureString');

    const run = await edit('grep -q hidden "$1" && exit 1\nsed -i s/POST/PUT/ "$1"');

    expect(run.code).toBe(0);
    expect(run.err).toContain('  ~ method: "POST" -> "PUT"');
    expect(JSON.parse(aws.parameters.get(TEAM) ?? '')).toEqual({ method: 'PUT' });
  });

  test('keeps the text where it cannot be set, and says where', async () => {
    aws.parameters.put(TEAM, { method: 'POST' });
    aws.parameters.put(TEAM_SECRETS, { url: URL }, 'SecureString');

    const run = await edit('echo "{" > "$1"');

    expect(run.code).toBe(1);
    const file = await openedFile();
    expect(run.err.slice(-3)).toEqual([
      `your text is kept in ${file}`,
      `what it would change now: npm run -s ops -- destinations diff webhook/team --file ${file}`,
      `once it is right: npm run -s ops -- destinations set webhook/team --file ${file}`,
    ]);
    expect(aws.parameters.versions(TEAM)).toBe(1);
  });

  test.each([
    ['changed meanwhile, to version 2', () => aws.parameters.put(TEAM, { method: 'PATCH' })],
    ['removed meanwhile', () => aws.answer('GetParameters', () => ({ Parameters: [] }))],
  ])('refuses what was %s, and keeps the text', async (what, meanwhile) => {
    aws.parameters.put(TEAM, { method: 'POST' });
    aws.parameters.put(TEAM_SECRETS, { url: URL }, 'SecureString');

    const run = await edit('sed -i s/POST/PUT/ "$1"', meanwhile);

    const file = await openedFile();
    expect(run.code).toBe(1);
    expect(run.err.slice(0, 2)).toEqual([
      `webhook/team was ${what}: nothing was written`,
      `your text is kept in ${file}`,
    ]);
    expect(await readFile(file, 'utf8')).toContain('PUT');
    expect(aws.asked('PutParameter')).toEqual([]);
  });

  test('leaves a secret that somebody else has set meanwhile', async () => {
    aws.parameters.put(TEAM, { method: 'POST' });
    aws.parameters.put(TEAM_SECRETS, { url: URL }, 'SecureString');

    const run = await edit(`echo '{"secretHeaders":{"X-Key":"k"}}' > "$1"`, () =>
      aws.parameters.put(TEAM_SECRETS, { url: `${URL}/new` }, 'SecureString'),
    );

    expect(run.code).toBe(0);
    expect(JSON.parse(aws.parameters.get(TEAM_SECRETS) ?? '')).toEqual({
      url: `${URL}/new`,
      secretHeaders: { 'X-Key': 'k' },
    });
  });

  test('keeps the text where the editor fails, and says where', async () => {
    aws.parameters.put(TEAM, { method: 'POST' });

    const run = await edit('sed -i s/POST/PUT/ "$1"\nexit 3');

    const file = await openedFile();
    expect(run.code).toBe(1);
    expect(run.err[0]).toMatch(/did not end well: nothing was written/);
    expect(run.err).toContain(`your text is kept in ${file}`);
    expect(await readFile(file, 'utf8')).toContain('PUT');
    expect(aws.parameters.versions(TEAM)).toBe(1);
  });

  test('keeps the text where AWS refuses, and says where', async () => {
    aws.parameters.put(TEAM, { method: 'POST' });
    aws.parameters.put(TEAM_SECRETS, { url: URL }, 'SecureString');
    aws.answer('PutParameter', () => {
      throw new AwsError('ExpiredTokenException', 'The security token included in the request is expired');
    });

    const run = await edit('sed -i s/POST/PUT/ "$1"');

    expect(run.code).toBe(1);
    expect(run.err).toContain('the AWS credentials have expired: log in again');
    expect(run.err).toContain(`your text is kept in ${await openedFile()}`);
  });

  test.each(['exit 3', 'rm "$1"; exit 3'])('keeps nothing where nothing was typed (%s)', async (script) => {
    aws.parameters.put(TEAM, { method: 'POST' });

    const run = await edit(script);

    expect(run.code).toBe(1);
    expect(run.err).toEqual([expect.stringMatching(/did not end well: nothing was written/)]);
    expect(existsSync(dirname(await openedFile()))).toBe(false);
    expect(aws.parameters.versions(TEAM)).toBe(1);
  });
});

describe('get, rollback and rm', () => {
  beforeEach(() => {
    aws.parameters.put(TEAM, { method: 'GET' });
    aws.parameters.put(TEAM, { method: 'PUT' });
    aws.parameters.put(TEAM, { method: 'POST' });
    aws.parameters.put(TEAM_SECRETS, { url: URL }, 'SecureString');
  });

  test('get shows the newest version, an earlier one, and the names of secrets', async () => {
    const newest = await ops(['destinations', 'get', 'webhook/team', '--json']);
    const earlier = await ops(['destinations', 'get', 'webhook/team', '--version', '1']);
    const none = await ops(['destinations', 'get', 'webhook/team', '--version', '9']);

    expect(JSON.parse(newest.out[0] ?? '')).toEqual({
      destination: 'webhook/team',
      version: 3,
      document: { method: 'POST' },
      secrets: ['url'],
    });
    expect(earlier).toMatchObject({
      code: 0,
      out: ['{"method":"GET"}'],
      err: ['webhook/team version 1; secrets: url'],
    });
    expect(none).toMatchObject({ code: 1, err: ['webhook/team has no version 9 (there are: 3, 2, 1)'] });
  });

  test('history shows each version with its time, its writer and what it changed, and no secret', async () => {
    const clock = fakeClock();
    const hoursAgo = (hours: number) => new Date(clock.now() - hours * 3_600_000);
    const NAME = '/kube-courier/destinations/webhook/other';
    aws.parameters.put(NAME, { method: 'GET', url: URL }, 'String', hoursAgo(50));
    aws.parameters.put(NAME, 'not json', 'String', hoursAgo(3));
    aws.parameters.put(NAME, { method: 'PUT', filter: { match: [{ type: 'Warning' }] } }, 'String', hoursAgo(1));
    aws.parameters.put('/kube-courier/secrets/webhook/other', { url: URL }, 'SecureString', hoursAgo(49));

    const run = await ops(['destinations', 'history', 'webhook/other'], { clock });
    const json = await ops(['destinations', 'history', 'webhook/other', '--limit', '1', '--json'], { clock });

    expect(run.out).toEqual([
      'version 3, 1h ago, by operator/alice, in force',
      '  + filter.match[0].type: "Warning"',
      '  + method: "PUT"',
      '  - text: "not json"',
      'version 2, 3h ago, by operator/alice',
      '  - method: "GET"',
      '  + text: "not json"',
      '  - url: "[secret]"',
      'version 1, 2d 2h ago, by operator/alice',
      '  + method: "GET"',
      '  + url: "[secret]"',
    ]);
    expect(run.err).toEqual(['secrets: version 1, 2d 1h ago, by operator/alice']);
    expect(json.out.map((line) => JSON.parse(line))).toMatchObject([{ version: 3, writtenBy: 'operator/alice' }]);
    expect(json.err.at(-1)).toBe('2 earlier versions: --limit 3');
    expect([...run.out, ...run.err].join()).not.toContain('hidden-path');
  });

  test('rollback puts the version before in force, or the one that is named, as a new one', async () => {
    const dry = await ops(['destinations', 'rollback', 'webhook/team', '--dry-run']);
    const before = aws.parameters.versions(TEAM);
    const back = await ops(['destinations', 'rollback', 'webhook/team']);
    const first = await ops(['destinations', 'rollback', 'webhook/team', '--version', '1']);

    expect(dry.err).toEqual(['version 3 -> 2', 'webhook/team:', '  ~ method: "POST" -> "PUT"']);
    expect(before).toBe(3);
    expect(back.err[0]).toBe('version 3 -> 2');
    expect(first.err[0]).toBe('version 4 -> 1');
    expect(JSON.parse(aws.parameters.get(TEAM) ?? '')).toEqual({ method: 'GET' });
    expect(aws.parameters.versions(TEAM)).toBe(5);
  });

  test('rollback to a version that there is not, or to none, writes nothing', async () => {
    aws.parameters.put('/kube-courier/destinations/log/one', {});

    const unknown = await ops(['destinations', 'rollback', 'webhook/team', '--version', '3']);
    const only = await ops(['destinations', 'rollback', 'log/one']);

    expect(unknown).toMatchObject({
      code: 1,
      err: ['webhook/team has the earlier versions 2, 1: nothing was written'],
    });
    expect(only).toMatchObject({ code: 1, err: ['log/one has no earlier version: nothing was written'] });
  });

  test('rm removes the document and then its secrets, once it is told to', async () => {
    const asked = await ops(['destinations', 'rm', 'webhook/team']);
    const kept = aws.parameters.get(TEAM);
    const removed = await ops(['destinations', 'rm', 'webhook/team', '--yes', '--json']);

    expect(asked).toMatchObject({ code: 1, err: ['would remove webhook/team and its secrets; repeat with --yes'] });
    expect(kept).toBeDefined();
    expect(removed).toMatchObject({ code: 0, out: [JSON.stringify({ destination: 'webhook/team', removed: true })] });
    expect(aws.asked('DeleteParameter').map(({ Name }) => Name)).toEqual([TEAM, TEAM_SECRETS]);
  });
});

describe('ls and validate', () => {
  test('ls says of each destination whether it is in force, and ends with 1 where one is not', async () => {
    aws.parameters.put('/kube-courier/destinations/log/on', {});
    aws.parameters.put('/kube-courier/destinations/log/off', { enabled: false });
    const well = await ops(['destinations', 'ls']);
    aws.parameters.put(TEAM, { methd: 'POST' });
    aws.parameters.put(TEAM_SECRETS, { url: URL }, 'SecureString');
    aws.parameters.put('/kube-courier/destinations/kafka/later', { brokers: ['k.example.com:9092'], topic: 't' });
    aws.parameters.put('/kube-courier/destinations/kafk/typo', {});

    const run = await ops(['destinations', 'ls', '--json']);

    expect(well).toMatchObject({ code: 0, out: ['log/off  disabled, version 1', 'log/on   enabled, version 1'] });
    expect(run.code).toBe(1);
    expect(run.out.map((line) => JSON.parse(line))).toEqual([
      { destination: 'kafk/typo', state: 'unknown type', version: 1, secrets: false },
      { destination: 'kafka/later', state: 'not deployed', version: 1, secrets: false },
      { destination: 'log/off', state: 'disabled', version: 1, secrets: false },
      { destination: 'log/on', state: 'enabled', version: 1, secrets: false },
      { destination: 'webhook/team', state: 'invalid', version: 1, secrets: true },
    ]);
  });

  test('ls ends with 1 where the stack has no sink of a type', async () => {
    aws.parameters.put('/kube-courier/destinations/kafka/later', { brokers: ['k.example.com:9092'], topic: 't' });

    expect(await ops(['destinations', 'ls'])).toMatchObject({ code: 1, out: ['kafka/later  not deployed, version 1'] });
  });

  test('validate names what is wrong with documents, secrets and types', async () => {
    aws.parameters.put(TEAM, {});
    aws.parameters.put('/kube-courier/destinations/kafka/later', { brokers: ['k.example.com:9092'], topic: 't' });
    aws.parameters.put('/kube-courier/destinations/kafk/typo', {});

    const all = await ops(['destinations', 'validate']);
    const one = await ops(['destinations', 'validate', 'webhook/team']);

    expect(all.code).toBe(1);
    expect(all.out).toEqual([
      expect.stringMatching(/kafk\/typo: there is no sink type kafk \(did you mean kafka\?\)$/),
      expect.stringMatching(/kafka\/later: the sink type kafka is not deployed/),
      expect.stringMatching(/secrets\/webhook\/team: url is missing/),
    ]);
    expect(all.err).toEqual(['3 destinations, 3 mistakes']);
    expect(one.err).toEqual(['1 destination, 1 mistake']);
  });

  test('validate of valid ones ends with 0', async () => {
    aws.parameters.put(TEAM, {});
    aws.parameters.put(TEAM_SECRETS, { url: URL }, 'SecureString');

    expect(await ops(['destinations', 'validate'])).toEqual({ code: 0, out: [], err: ['1 destination, 0 mistakes'] });
  });
});

describe('test', () => {
  beforeEach(() => aws.parameters.put('/kube-courier/destinations/log/all', {}));

  test('hands a sample event to the function and prints the outcome', async () => {
    aws.answer('Invoke', () => ({ status: 'delivered' }));

    const run = await ops(['destinations', 'test', 'log/all']);

    expect(run).toMatchObject({ code: 0, out: ['log/all: delivered'] });
    expect(aws.asked('Invoke')).toMatchObject([
      { FunctionName: 'log-function', Payload: { test: { destination: 'log/all', cluster: 'test' } } },
    ]);
  });

  test('ends with 1 where it was not delivered, with what to do', async () => {
    aws.answer('Invoke', () => ({ status: 'retry', code: 'http_503', detail: 'busy' }));

    const run = await ops(['destinations', 'test', 'log/all', '--json']);

    expect(run.code).toBe(1);
    expect(JSON.parse(run.out[0] ?? '')).toMatchObject({
      status: 'retry',
      code: 'http_503',
      detail: 'busy',
      advice: expect.stringContaining('replay'),
    });
  });

  test('of a destination that does not exist invokes nothing', async () => {
    const run = await ops(['destinations', 'test', 'log/al']);

    expect(run).toMatchObject({ code: 1, err: ['there is no destination log/al (did you mean log/all?)'] });
    expect(aws.asked('Invoke')).toEqual([]);
  });
});

describe('pause and resume', () => {
  test('turn the event source mapping, once', async () => {
    const paused = await ops(['pause', 'log']);
    const again = await ops(['pause', 'log']);
    const resumed = await ops(['resume', 'log', '--json']);

    expect(paused.code).toBe(0);
    expect(paused.err[0]).toBe('log is paused (Disabling); about 0 messages wait');
    expect(again.err[0]).toMatch(/^log is paused \(Disabled\)/);
    expect(JSON.parse(resumed.out[0] ?? '')).toMatchObject({ owner: 'log', state: 'Enabling' });
    expect(aws.asked('UpdateEventSourceMapping').map(({ UUID, Enabled }) => [UUID, Enabled])).toEqual([
      ['log-source', false],
      ['log-source', true],
    ]);
  });

  test('with --dry-run say how it is, and turn nothing', async () => {
    const pause = await ops(['pause', 'log', '--dry-run']);
    const resume = await ops(['resume', 'log', '--dry-run', '--json']);

    expect(pause.code).toBe(0);
    expect(pause.err[0]).toBe('log would be paused, now it is Enabled; about 0 messages wait');
    expect(JSON.parse(resume.out[0] ?? '')).toMatchObject({ owner: 'log', state: 'Enabled' });
    expect(aws.asked('UpdateEventSourceMapping')).toEqual([]);
  });

  test('pause says when SQS deletes what waits', async () => {
    aws.queues.put(aws.consumer('log').queueUrl, 'waiting');
    const unknown = await ops(['pause', 'log']);
    aws.age(aws.consumer('log').queueUrl, 86_400);
    const known = await ops(['pause', 'log']);

    expect(unknown.err[1]).toBe('SQS deletes a message 14d after it was sent: resume before');
    expect(known.err).toEqual([
      'log is paused (Disabled); about 1 message waits',
      'SQS deletes the oldest in 13d (14d after it was sent): resume before',
    ]);
  });
});

test('a call that AWS refuses is one line', async () => {
  aws.answer('GetParametersByPath', () => {
    throw new AwsError('AccessDeniedException', 'User x may not ssm:GetParametersByPath');
  });

  const run = await ops(['destinations', 'ls']);

  expect(run).toMatchObject({ code: 1, err: ['AWS does not allow it: User x may not ssm:GetParametersByPath'] });
});
