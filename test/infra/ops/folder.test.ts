import { describe, expect, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import { useFolders } from './folders.ts';
import { fakeClock, ops } from './run.ts';

const folder = useFolders();

const event = (uid: string, fields: object = {}): object => ({
  ...sampleKubeEvent,
  metadata: { ...sampleKubeEvent.metadata, uid, resourceVersion: '1' },
  ...fields,
});

const destinations = {
  'destinations/webhook/team.json': {
    url: 'https://example.com/',
    filter: { match: [{ type: 'Warning' }], drop: [{ message: '/probe/' }] },
    body: { text: '${ event.reason }', count: '${ event.count }' },
  },
  'destinations/log/all.json': {},
  'destinations/log/first.json': { repeats: 'first' },
  'destinations/log/off.json': { enabled: false },
};

describe('route', () => {
  test('names the destinations of each event', async () => {
    const dir = await folder({
      ...destinations,
      'events.json': [event('a'), event('b', { type: 'Normal' }), event('c', { message: 'Readiness probe failed' })],
    });

    const run = await ops(['route', '--folder', dir, '--events', `${dir}/events.json`, '--json']);

    expect(run.code).toBe(0);
    expect(run.out.map((line): unknown => JSON.parse(line))).toEqual([
      { id: 'local/a/1', destinations: ['log/all', 'log/first', 'webhook/team'] },
      { id: 'local/b/1', destinations: ['log/all', 'log/first'] },
      { id: 'local/c/1', destinations: ['log/all', 'log/first'] },
    ]);
  });

  test('says why a destination does not get an event', async () => {
    const dir = await folder({ ...destinations, 'events.json': event('a', { message: 'Liveness probe failed' }) });

    const run = await ops(['route', '--folder', dir, '--events', `${dir}/events.json`]);

    expect(run.out).toEqual([
      'Warning BackOff Pod payments/api-7d9f (x1): Liveness probe failed',
      '  -> log/all',
      '  -> log/first',
      '     log/off: it is disabled (enabled: false)',
      '     webhook/team: a drop rule holds (message /probe/)',
    ]);
  });

  const silence = {
    match: [{ reason: sampleKubeEvent.reason }],
    until: '2026-11-23T14:00:00Z',
    why: 'a rollout',
    by: 'alice',
  };

  test('says what goes to a pager: what is critical, unless a silence holds it, and what ends an incident', async () => {
    const failing = { reason: 'FailedScheduling', message: '0/3 nodes are available' };
    const dir = await folder({
      'destinations/pagerduty/on-call.json': { filter: { match: [{ severity: ['critical'] }] } },
      'silences/rollout.json': { ...silence, match: [{ namespace: 'payments' }] },
      'events.json': [
        event('a', failing),
        event('b', { ...failing, count: 10 }),
        event('c', { reason: 'Scheduled', type: 'Normal', message: 'assigned' }),
      ],
    });

    const run = await ops(['route', '--folder', dir, '--events', `${dir}/events.json`], { clock: fakeClock() });

    expect(run.out).toEqual([
      'Warning FailedScheduling Pod payments/api-7d9f (x1): 0/3 nodes are available',
      '     pagerduty/on-call: no match rule holds (severity is warning, wanted critical)',
      'Warning FailedScheduling Pod payments/api-7d9f (x10): 0/3 nodes are available',
      '     pagerduty/on-call: the silence rollout holds it until 2026-11-23T14:00:00Z (a rollout)',
      'Normal Scheduled Pod payments/api-7d9f (x1): assigned',
      '  -> pagerduty/on-call (it ends FailedScheduling)',
    ]);
  });

  test('says which silence holds an event, and sends it to stores all the same', async () => {
    const dir = await folder({
      'destinations/log/all.json': {},
      'destinations/wechat/held.json': { mode: 'robot' },
      'destinations/wechat/open.json': { mode: 'robot', silences: false },
      'silences/over.json': { ...silence, until: '2026-11-23T12:00:00Z' },
      'silences/rollout.json': silence,
      'silences/odd.json': { ...silence, match: [] },
      'events.json': [event('a'), event('b', { reason: 'Other' })],
    });
    const route = (...more: readonly string[]) =>
      ops(['route', '--folder', dir, '--events', `${dir}/events.json`, ...more], { clock: fakeClock() });

    const run = await route();
    const json = (await route('--json')).out.map((line): unknown => JSON.parse(line));

    expect(run.err).toEqual(['note: the silence odd holds nothing: match expected at least one rule']);
    expect(run.out.slice(1, 4)).toEqual([
      '  -> log/all',
      '  -> wechat/open',
      '     wechat/held: the silence rollout holds it until 2026-11-23T14:00:00Z (a rollout)',
    ]);
    expect(json).toEqual([
      { id: 'local/a/1', destinations: ['log/all', 'wechat/open'] },
      { id: 'local/b/1', destinations: ['log/all', 'wechat/held', 'wechat/open'] },
    ]);
  });

  test('says so where a filter asks for labels, and the file has events alone', async () => {
    const dir = await folder({
      'destinations/log/all.json': {},
      'destinations/log/team.json': { filter: { match: [{ namespaceLabels: { team: 'payments' } }] } },
    });
    const route = (...items: readonly object[]) =>
      ops(['route', '--folder', dir, '--events', '-', '--json'], { stdin: async () => JSON.stringify({ items }) });
    const namespace = { kind: 'Namespace', metadata: { name: 'payments', labels: { team: 'payments' } } };

    const alone = await route(event('a'));
    const beside = await route(event('a'), namespace);

    expect(alone.err).toEqual([
      'note: the events say nothing of the labels that log/team asks for: let kubectl get events,namespaces,pods print them',
    ]);
    expect(alone.out).toEqual([JSON.stringify({ id: 'local/a/1', destinations: ['log/all'] })]);
    expect(beside.err).toEqual([]);
    expect(beside.out).toEqual([JSON.stringify({ id: 'local/a/1', destinations: ['log/all', 'log/team'] })]);
  });

  test.each([
    ['a List', (items: readonly object[]) => JSON.stringify({ kind: 'List', items })],
    ['an array', (items: readonly object[]) => JSON.stringify(items)],
    ['one per line', (items: readonly object[]) => items.map((item) => JSON.stringify(item)).join('\n')],
    [
      'indented documents one after the other',
      (items: readonly object[]) => items.map((item) => JSON.stringify(item, null, 4)).join('\n'),
    ],
  ])('reads %s from standard input, and a uid that comes again as a repetition', async (_name, text) => {
    const dir = await folder(destinations);
    const stdin = text([event('a', { count: 2 }), event('b'), event('a', { count: 5 })]);

    const run = await ops(['route', '--folder', dir, '--events', '-', '--cluster', 'prod', '--json'], {
      stdin: async () => stdin,
    });

    expect(run.out.map((line): unknown => JSON.parse(line))).toEqual([
      { id: 'prod/a/1', destinations: ['log/all', 'log/first', 'webhook/team'] },
      { id: 'prod/b/1', destinations: ['log/all', 'log/first', 'webhook/team'] },
      { id: 'prod/a/1', destinations: ['log/all', 'webhook/team'] },
    ]);
  });

  test.each([
    ['{"kind":"List","items":[{"kind":"Pod","metadata":{"name":"x"}}]}', 'item 1 is a Pod, expected an Event'],
    ['{"kind":"Event"}', 'item 1 is not an Event with a metadata.uid or metadata.name'],
    ['{"metadata":{"uid":"a"}}\n{"metadata":', 'is not JSON: syntax error at line 2, column 13'],
    ['[]', 'holds no event'],
  ])('fails on %s, naming the place', async (text, message) => {
    const dir = await folder(destinations);

    const run = await ops(['route', '--folder', dir, '--events', '-'], { stdin: async () => text });

    expect(run.code).toBe(1);
    expect(run.out).toEqual([]);
    expect(run.err.join('\n')).toContain(message);
  });

  test('keeps control characters of an event away from the terminal', async () => {
    const dir = await folder({ ...destinations, 'events.json': event('a', { message: 'a\u001B[2Jb\nc' }) });

    const run = await ops(['route', '--folder', dir, '--events', `${dir}/events.json`]);

    expect(run.out[0]).toContain(': a [2Jb c');
  });
});

describe('preview', () => {
  test('prints a payload per parcel without needing the secrets', async () => {
    const dir = await folder({
      'destinations/webhook/team.json': { body: { text: '${ event.reason }', count: '${ event.count }' } },
      'events.json': [event('a', { count: 3 }), event('b')],
    });

    const run = await ops([
      'preview',
      '--folder',
      dir,
      '--destination',
      'webhook/team',
      '--events',
      `${dir}/events.json`,
      '--json',
    ]);

    expect(run.code).toBe(0);
    expect(run.out.map((line): unknown => JSON.parse(line))).toEqual([
      {
        destination: 'webhook/team',
        events: ['local/a/1'],
        payload: { id: 'local/a/1', body: '{"text":"BackOff","count":3}' },
      },
      {
        destination: 'webhook/team',
        events: ['local/b/1'],
        payload: { id: 'local/b/1', body: '{"text":"BackOff","count":1}' },
      },
    ]);
  });

  test('says which events the filter keeps out', async () => {
    const dir = await folder({ ...destinations, 'events.json': event('a', { type: 'Normal' }) });

    const run = await ops([
      'preview',
      '--folder',
      dir,
      '--destination',
      'webhook/team',
      '--events',
      `${dir}/events.json`,
    ]);

    expect(run).toEqual({
      code: 0,
      out: [],
      err: ['local/a/1 is not delivered: no match rule holds (type is Normal, wanted Warning)'],
    });
  });

  test('suggests the destination that was meant', async () => {
    const dir = await folder({ ...destinations, 'events.json': event('a') });

    const run = await ops([
      'preview',
      '--folder',
      dir,
      '--destination',
      'webhok/team',
      '--events',
      `${dir}/events.json`,
    ]);

    expect(run).toEqual({
      code: 1,
      out: [],
      err: ['there is no destination webhok/team (did you mean webhook/team?)'],
    });
  });
});

describe('validate', () => {
  test('finds nothing wrong with a good folder', async () => {
    const dir = await folder({
      ...destinations,
      'destinations/webhook/hidden.json': {},
      'secrets/webhook/hidden.json': { url: 'https://example.com/token' },
    });

    const run = await ops(['validate', '--folder', dir]);

    expect(run).toEqual({ code: 0, out: [], err: ['5 destinations, 0 mistakes'] });
  });

  test('names each value that is still to be put in, and no password that looks a little like one', async () => {
    const dir = await folder({
      'destinations/webhook/a.json': { headers: { 'X-Cluster': '${CLUSTER}' }, body: { text: '${ event.reason }' } },
      'secrets/webhook/a.json': {
        url: 'https://example.com/$(DING_TOKEN)',
        secretHeaders: { Authorization: '${TOKEN}' },
      },
      'destinations/webhook/b.json': { url: 'https://REPLACE_ME/' },
      'secrets/webhook/b.json': { secretHeaders: { Authorization: 'Bearer pa$$w(o)rd{1}' } },
    });

    const run = await ops(['validate', '--folder', dir]);

    expect(run.code).toBe(1);
    expect(run.out.map((line) => line.replaceAll(`${dir}/`, ''))).toEqual([
      'destinations/webhook/a.json: headers.X-Cluster still holds ${CLUSTER}: put the real value in its place',
      'secrets/webhook/a.json: url still holds $(DING_TOKEN): put the real value in its place',
      'secrets/webhook/a.json: secretHeaders.Authorization still holds ${TOKEN}: put the real value in its place',
      'destinations/webhook/b.json: url still holds REPLACE_ME: put the real value in its place',
    ]);
  });

  test('points out types and kinds that hardly any event has, and refuses what differs in case', async () => {
    const filter = {
      match: [{ kind: ['rollout', 'Pod'], type: 'Error', all: [{ kind: '/^pod/' }, { kind: 'pods' }] }],
      drop: [{ type: '*arning' }, { type: ['Normal', 'Info'] }],
    };
    const odd = await ops(['validate', '--folder', await folder({ 'destinations/log/all.json': { filter } })]);
    const wrong = await ops([
      'validate',
      '--folder',
      await folder({ 'destinations/log/all.json': { filter: { match: [{ type: 'warning', severity: 'Critical' }] } } }),
    ]);

    expect(odd.code).toBe(0);
    const notes = odd.err.filter((line) => line.startsWith('note: '));
    expect(notes.map((line) => line.replace(/^.*all\.json: (\S+ has \w+),.*$/, '$1'))).toEqual([
      'filter.match[0].type has Error',
      'filter.match[0].kind has rollout',
      'filter.match[0].all[1].kind has pods',
      'filter.drop[1].type has Info',
    ]);
    expect(wrong.code).toBe(1);
    expect(wrong.out.join('\n')).toMatch(/filter\.match\[0\]\.type .*did you mean Warning\?/);
    expect(wrong.out.join('\n')).toMatch(/filter\.match\[0\]\.severity .*did you mean critical\?/);
  });

  test('points out what needs a relay that looks labels up, wherever it stands', async () => {
    const filter = {
      match: [{ namespaceLabels: { team: 'payments' }, all: [{ labels: { app: '*' } }] }, { owner: 'checkout' }],
      drop: [{ namespaceAnnotations: { quiet: 'true' }, annotations: { quiet: 'true' } }],
    };
    const body = {
      lines: ['${ event.reason }', { team: '${ event.namespace.labels.team }' }],
      object: '${ event.object.name }',
    };
    const dir = await folder({
      'destinations/webhook/a.json': { filter, body },
      'secrets/webhook/a.json': { url: 'https://example.com/' },
    });
    const run = await ops(['validate', '--folder', dir]);

    expect(run.code).toBe(0);
    const notes = run.err.filter((line) => line.includes('needs a relay with --enrich labels'));
    expect(notes.map((line) => line.replace(/^note: .*a\.json: (\S+) needs.*$/, '$1'))).toEqual([
      'filter.match[0].namespaceLabels',
      'filter.match[0].all[0].labels',
      'filter.drop[0].annotations',
      'filter.drop[0].namespaceAnnotations',
      'body.lines[1].team',
    ]);
  });

  test('names line and column of a comma too many', async () => {
    const dir = await folder({
      'destinations/log/a.json': '{\n  "filter": {},\n  "enabled": true,\n}\n',
    });

    const run = await ops(['validate', '--folder', dir]);

    expect(run.out).toEqual([`${dir}/destinations/log/a.json: is not JSON: syntax error at line 4, column 1`]);
  });

  test('prints one line per mistake with file, field and what is allowed', async () => {
    const dir = await folder({
      'destinations/webhook/a.json': { metod: 'PUT', filter: { match: [{ reason: '/(/' }] }, repeats: 'often' },
      'destinations/webhook/b.json': { signingSecret: 'whsec_x' },
      'destinations/webhook/c.json': {},
      'destinations/webhook/d.json': '{"url": "https://example.com/" ',
      'destinations/weebhook/e.json': {},
      'destinations/log/f.toml': '',
      'secrets/log/nobody.json': {},
    });

    const run = await ops(['validate', '--folder', dir]);

    expect(run.code).toBe(1);
    const lines = run.out.map((line) => line.replaceAll(`${dir}/`, ''));
    expect(lines).toEqual([
      'destinations/log/f.toml: is not read (expected <name>.json or .yaml or .yml)',
      'destinations/weebhook: there is no sink type weebhook (did you mean webhook?)',
      'secrets/log/nobody.json: belongs to no destination log/nobody',
      expect.stringMatching(/^destinations\/webhook\/a\.json: filter\.match\[0\]\.reason .*regular expression/),
      expect.stringMatching(/^destinations\/webhook\/a\.json: repeats .*"all"/),
      'destinations/webhook/a.json: metod is not a known field (did you mean method?)',
      'destinations/webhook/b.json: signingSecret is secret: it belongs into the SecureString under secrets/',
      'secrets/webhook/c.json: url is missing (expected string)',
      expect.stringMatching(/^destinations\/webhook\/d\.json: is not JSON: syntax error at line 1/),
    ]);
  });

  test('prints mistakes as JSON, one per line', async () => {
    const dir = await folder({ 'destinations/log/a.json': { format: 'xml' } });

    const run = await ops(['validate', '--folder', dir, '--json']);

    expect(run.out.map((line): unknown => JSON.parse(line))).toEqual([
      { file: `${dir}/destinations/log/a.json`, field: 'format', message: expect.stringContaining('"json"') },
    ]);
  });

  test('says which layout it expects when there is none', async () => {
    const dir = await folder({});

    const run = await ops(['validate', '--folder', dir]);

    expect(run.code).toBe(1);
    expect(run.err).toEqual([`${dir}/destinations: does not exist`]);
  });
});

describe('the command line', () => {
  test.each([
    [['rout'], 'there is no command rout (did you mean route?)'],
    [['route', '--foldr', 'x'], 'unknown option --foldr (did you mean --folder?)'],
    [['route', '--folder'], '--folder needs a value: --folder DIR'],
    [['route', '--folder', '--events', 'x'], '--folder needs a value: --folder DIR'],
    [['route', '--json=1'], '--json takes no value'],
    [['route', '--folder', 'x', '--folder', 'y'], '--folder is given twice'],
    [['validate', 'x'], 'unexpected argument x'],
    [['validate'], '--folder DIR is missing'],
  ])('fails with exit code 2 on %j and says what is wrong', async (argv, message) => {
    const run = await ops(argv);

    expect(run).toEqual({ code: 2, out: [], err: [message, 'Add --help for what is allowed.'] });
  });

  test.each(['--version', '-v'])('says its version at %s', async (option) => {
    expect(await ops([option])).toEqual({ code: 0, out: [`kube-courier ${manifest.version}`], err: [] });
    expect(await ops([option, '--json'])).toMatchObject({ out: [JSON.stringify({ version: manifest.version })] });
  });

  test('shows all commands without one, and each command with --help', async () => {
    const overview = await ops(['--help']);
    const help = await ops(['validate', '--help']);

    expect(overview.code).toBe(0);
    expect(overview.out.join('\n')).toContain('validate');
    expect(help.code).toBe(0);
    expect(help.out.join('\n')).toContain('Usage: npm run -s ops -- validate --folder DIR');
  });
});
