import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startAws, type Aws } from '../../../support/aws/aws.ts';
import { useFolders } from '../folders.ts';
import { ops } from '../run.ts';

const URL = 'https://hooks.example.com/hidden-path';
const of = (id: string, tree = 'destinations'): string => `/kube-courier/${tree}/${id}`;

let aws: Aws;
const folder = useFolders();

beforeEach(async () => {
  aws = await startAws({ sinks: ['log', 'webhook'] });
});

afterEach(async () => {
  await aws.stop();
});

describe('diff', () => {
  test('of a file shows what set would change, writes nothing, and ends with 1', async () => {
    aws.parameters.put(of('webhook/team'), { method: 'POST', filter: { match: [{ type: 'Warning' }] } });
    aws.parameters.put(of('webhook/team', 'secrets'), { url: URL }, 'SecureString');
    const dir = await folder({
      'team.yaml': 'method: PUT\nfilter: { match: [{ type: Warning }] }\nurl: https://hooks.example.com/hidden-other\n',
      'same.json': { method: 'POST', filter: { match: [{ type: 'Warning' }] }, $schema: 'x' },
    });

    const changed = await ops(['destinations', 'diff', 'webhook/team', '--file', join(dir, 'team.yaml')]);
    const json = await ops(['destinations', 'diff', 'webhook/team', '--file', join(dir, 'team.yaml'), '--json']);
    await writeFile(
      join(dir, 'same.json'),
      JSON.stringify({ method: 'POST', filter: { match: [{ type: 'Warning' }] } }),
    );
    const same = await ops(['destinations', 'diff', 'webhook/team', '--file', join(dir, 'same.json')]);

    expect(changed).toEqual({
      code: 1,
      out: ['webhook/team:', '  ~ method: "POST" -> "PUT"', '  ~ url: [secret] changes (secret)'],
      err: [],
    });
    expect(JSON.parse(json.out[0] ?? '')).toEqual({
      destination: 'webhook/team',
      differs: true,
      new: false,
      changes: ['~ method: "POST" -> "PUT"'],
      secretChanges: ['~ url: [secret] changes'],
    });
    expect(same).toEqual({ code: 0, out: [], err: [] });
    expect([changed, json].flatMap(({ out, err }) => [...out, ...err]).join()).not.toContain('hidden');
    expect(aws.asked('PutParameter')).toEqual([]);
  });

  test('of a folder shows each that differs, what could not be set, and what is deployed besides', async () => {
    aws.parameters.put(of('log/same'), { format: 'text' });
    aws.parameters.put(of('log/besides'), {});
    const dir = await folder({
      'destinations/log/same.yaml': 'format: text\n',
      'destinations/log/new.json': { format: 'json' },
      'destinations/log/wrong.json': { formatt: 'json' },
    });

    const run = await ops(['destinations', 'diff', '--folder', dir]);
    const one = await ops(['destinations', 'diff', 'log/same', '--folder', dir]);

    expect(run).toEqual({
      code: 1,
      out: ['log/new (new):', '  + format: "json"'],
      err: [
        '/kube-courier/destinations/log/wrong: formatt is not a known field (did you mean format?)',
        'nothing was written',
        'note: deployed and not in the folder: log/besides; set leaves them as they are, and rm removes them',
        '2 of 3 destinations differ',
      ],
    });
    expect(one).toEqual({ code: 0, out: [], err: ['0 of 1 destination differ'] });
  });

  test.each([[[]], [['webhook/team']], [['--file', 'x']], [['log/a', '--file', 'x', '--folder', 'y']]])(
    'with %j is wrong usage',
    async (argv) => {
      expect(await ops(['destinations', 'diff', ...argv])).toMatchObject({ code: 2, out: [] });
    },
  );
});

describe('pull', () => {
  beforeEach(() => {
    aws.parameters.put(of('webhook/team'), { method: 'PUT' });
    aws.parameters.put(
      of('webhook/team', 'secrets'),
      { url: URL, secretHeaders: { Authorization: 'Bearer hidden-token' } },
      'SecureString',
    );
    aws.parameters.put(of('log/all'), { format: 'text' });
  });

  const read = async (dir: string, file: string): Promise<unknown> =>
    JSON.parse(await readFile(join(dir, file), 'utf8'));

  test('writes documents and the names of secrets, which set and diff take for what is stored', async () => {
    const dir = await folder({});

    const dry = await ops(['destinations', 'pull', dir, '--dry-run']);
    await expect(stat(join(dir, 'destinations'))).rejects.toThrow('ENOENT');
    const run = await ops(['destinations', 'pull', dir]);
    const again = await ops(['destinations', 'pull', dir, '--json']);
    const differs = await ops(['destinations', 'diff', '--folder', dir]);
    const set = await ops(['destinations', 'set', '--folder', dir]);

    expect(run.code).toBe(0);
    expect(run.out.map((file) => file.replace(`${dir}/`, ''))).toEqual([
      'destinations/log/all.json',
      'destinations/webhook/team.json',
      'secrets/webhook/team.json',
    ]);
    expect(dry.out).toEqual(run.out);
    expect(await read(dir, 'destinations/webhook/team.json')).toEqual({ method: 'PUT' });
    expect(await read(dir, 'secrets/webhook/team.json')).toEqual({
      url: 'REPLACE_ME',
      secretHeaders: { Authorization: 'REPLACE_ME' },
    });
    expect((await stat(join(dir, 'secrets/webhook/team.json'))).mode & 0o777).toBe(0o600);
    expect(again.out.map((line): unknown => JSON.parse(line))).toEqual([
      { destination: 'log/all', state: 'unchanged', files: [] },
      { destination: 'webhook/team', state: 'unchanged', files: [] },
    ]);
    expect(differs).toMatchObject({ code: 0, out: [] });
    expect(set).toMatchObject({
      code: 0,
      err: ['log/all is up to date', 'webhook/team is up to date', expect.any(String)],
    });
    expect(aws.asked('PutParameter')).toEqual([]);
    expect([run, dry, again].flatMap(({ out, err }) => [...out, ...err]).join()).not.toContain('hidden');
  });

  test('changes what was edited only when told to, in its own format, and shows the difference', async () => {
    const dir = await folder({
      'destinations/log/all.yaml': '# mine\nformat: json\n',
      'destinations/webhook/team.yml': 'method: PUT # the same\n',
      'secrets/webhook/team.json': { url: 'https://mine.example.com/' },
    });

    const left = await ops(['destinations', 'pull', dir]);
    const kept = await readFile(join(dir, 'destinations/log/all.yaml'), 'utf8');
    const overwritten = await ops(['destinations', 'pull', dir, '--overwrite']);

    expect(left).toEqual({
      code: 1,
      out: [],
      err: [
        `${dir}/destinations/log/all.yaml is different, and stays as it is; deployed is:`,
        '  ~ format: "json" -> "text"',
        '0 destinations written; 1 is different in the folder: --overwrite replaces it',
      ],
    });
    expect(kept).toContain('# mine');
    expect(overwritten).toMatchObject({ code: 0, out: [`${dir}/destinations/log/all.yaml`] });
    expect(await readFile(join(dir, 'destinations/log/all.yaml'), 'utf8')).toBe('format: text\n');
    expect(await readFile(join(dir, 'destinations/webhook/team.yml'), 'utf8')).toContain('# the same');
    expect(await read(dir, 'secrets/webhook/team.json')).toEqual({ url: 'https://mine.example.com/' });
  });

  test('says what cannot stand in a folder, and writes the rest', async () => {
    aws.parameters.put(of('log/broken'), '{');
    aws.parameters.put(of('kafk/typo'), {});
    aws.parameters.put(of('log/..'), {});
    const dir = await folder({ 'destinations/log/all.yaml': '', 'destinations/log/all.json': '{}' });

    const run = await ops(['destinations', 'pull', dir]);

    expect(run.code).toBe(1);
    expect(run.err).toEqual([
      expect.stringMatching(/kafk\/typo: there is no sink type kafk .*: it is left out$/),
      expect.stringMatching(/log\/\.\.: \.\. is no name .*: it is left out$/),
      expect.stringMatching(/log\/all is in all\.json and all\.yaml: keep one$/),
      expect.stringMatching(/log\/broken: is not JSON/),
      '1 destination written',
    ]);
    expect(run.out).toHaveLength(2);
  });

  test('never writes a secret that stands in the open, and set keeps it', async () => {
    aws.parameters.put(of('webhook/open'), { url: URL, method: 'PUT' });
    const dir = await folder({});

    const run = await ops(['destinations', 'pull', dir]);
    const set = await ops(['destinations', 'set', 'webhook/open', '--folder', dir]);

    expect(run.code).toBe(0);
    expect(await read(dir, 'destinations/webhook/open.json')).toEqual({ method: 'PUT' });
    expect(await read(dir, 'secrets/webhook/open.json')).toEqual({ url: 'REPLACE_ME' });
    expect(set.code).toBe(0);
    expect(JSON.parse(aws.parameters.get(of('webhook/open', 'secrets')) ?? '')).toEqual({ url: URL });
  });

  test('of a placeholder for which nothing is stored, set says so', async () => {
    const dir = await folder({
      'destinations/webhook/new.json': {},
      'secrets/webhook/new.json': { url: 'REPLACE_ME' },
    });

    const set = await ops(['destinations', 'set', '--folder', dir]);

    expect(set.code).toBe(1);
    expect(set.err.join('\n')).toContain('url still holds REPLACE_ME: put the real value in its place');
    expect(aws.asked('PutParameter')).toEqual([]);
  });
});
