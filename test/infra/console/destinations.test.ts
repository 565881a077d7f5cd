import { afterEach, describe, expect, it } from 'vitest';
import { loadConfig, sinkTypes } from '../../../infra/discover.ts';
import { OpsError } from '../../../infra/ops/command.ts';
import type { Check, DestinationDetail } from '../../../infra/console/contract.ts';
import type { ConsoleSource } from '../../../infra/console/source.ts';
import { numberedEvent } from '../../support/chat.ts';
import { startTestConsole, type TestConsole } from '../../support/console/console.ts';
import { memorySource, seen } from '../../support/console/memory-source.ts';

let served: TestConsole | undefined;
afterEach(() => served?.stop());

const URL_SECRET = 'https://hooks.example/T0KEN-of-the-team';

async function start(documents: Readonly<Record<string, unknown>>, given: Partial<ConsoleSource> = {}) {
  const source = memorySource(documents, given);
  const running = await startTestConsole(source);
  served = running;
  const detail = async (id: string): Promise<DestinationDetail> =>
    JSON.parse((await running.call('GET', `/api/destination?id=${id}`)).text);
  const check = async (id: string, text: string): Promise<Check> =>
    JSON.parse((await running.call('POST', '/api/destinations/check', { body: { id, text } })).text);
  const save = (id: string, text: string, basedOn: string) =>
    running.call('PUT', '/api/destination', { body: { id, text, basedOn } });
  return { source, served: running, detail, check, save };
}

describe('destinations', () => {
  it('are listed with what is in force, as the functions see it', async () => {
    const { source, served } = await start(
      {
        'destinations/log/good': {},
        'destinations/log/edited': {},
        'destinations/log/broken': '{"filter":',
        'destinations/log/off': { enabled: false },
        'destinations/slack/lacking': {},
        'destinations/webhook/elsewhere': { url: 'http://127.0.0.1:1' },
        'destinations/unknown/a': {},
      },
      { about: { kind: 'stack', title: 'a stack', sinks: ['log', 'slack'], cannot: {} } },
    );
    source.stored.set('destinations/log/edited', [
      { version: '7', text: '{"fitler":{}}' },
      { version: '6', text: '{}' },
    ]);
    const { json } = await served.call('GET', '/api/destinations');

    expect(json).toMatchObject([
      { id: 'log/broken', state: 'broken', problem: expect.stringContaining('log/broken') },
      {
        id: 'log/edited',
        state: 'earlier version in force',
        problem: expect.stringContaining('did you mean filter?'),
        version: '7',
        isChat: false,
      },
      { id: 'log/good', state: 'in force', version: '1' },
      { id: 'log/off', state: 'disabled' },
      { id: 'slack/lacking', state: 'broken', problem: expect.stringContaining('secrets/slack/lacking'), isChat: true },
      { id: 'unknown/a', state: 'broken' },
      { id: 'webhook/elsewhere', state: 'not deployed' },
    ]);
  });

  it('are listed by their documents alone where secrets cannot be read from here', async () => {
    const { documents } = memorySource({ 'destinations/slack/a': {}, 'destinations/log/b': {} });
    const withoutSecrets = {
      ...documents,
      list: async (tree: 'destinations' | 'secrets' | 'silences', type?: string) =>
        tree === 'secrets' ? new Map([['slack/a', { version: '3' }]]) : documents.list(tree, type),
      read: async (tree: 'destinations' | 'secrets' | 'silences', ids: readonly string[]) => {
        if (tree === 'secrets') throw new Error('AccessDenied');
        return documents.read(tree, ids);
      },
    };
    const { served, detail } = await start({}, { documents: withoutSecrets });

    expect((await served.call('GET', '/api/destinations')).json).toMatchObject([
      { id: 'log/b', state: 'in force' },
      { id: 'slack/a', state: 'in force' },
    ]);
    expect(await detail('slack/a')).toMatchObject({ secrets: [], state: 'in force' });
  });

  it('are shown whole, but for secrets, with the schema of their document and earlier versions', async () => {
    const { source, served, detail } = await start({
      'destinations/webhook/team': { url: URL_SECRET, method: 'PUT' },
      'secrets/webhook/team': { secretHeaders: { Authorization: 'Bearer of-the-team' } },
    });
    source.stored.set('destinations/webhook/team', [
      { version: '2', text: JSON.stringify({ url: URL_SECRET, method: 'PUT', headers: { 'X-Copy': URL_SECRET } }) },
      { version: '1', text: JSON.stringify({ url: `${URL_SECRET}-before` }) },
    ]);
    const found = await detail('webhook/team');

    expect(JSON.parse(found.text)).toEqual({ url: '[secret]', method: 'PUT', headers: { 'X-Copy': '[secret]' } });
    expect(found.secrets).toEqual(['url', 'secretHeaders']);
    expect(found.schema).toMatchObject({ properties: { filter: {}, method: {}, url: {} } });
    expect(found.versions).toMatchObject([{ version: '1', text: '{\n  "url": "[secret]"\n}' }]);
    expect((await served.call('GET', '/api/destination?id=webhook/tem')).json).toEqual({
      error: 'there is no destination webhook/tem (did you mean webhook/team?)',
    });
  });
});

describe('a document as it is typed', () => {
  it('is told every mistake, by field', async () => {
    const { check } = await start({ 'destinations/log/a': {} });
    const { problems, looked, preview } = await check('log/a', '{"filtr":{},"format":"xml"}');

    expect(problems.map(({ field }) => field).toSorted()).toEqual(['filtr', 'format']);
    expect([looked, preview]).toEqual([0, []]);
    expect((await check('log/a', '{')).problems).toMatchObject([{ field: '' }]);
    expect((await check('slak/a', '{}')).problems[0]?.message).toContain('did you mean slack?');
    expect((await check('log', '{}')).problems[0]?.message).toContain('TYPE/NAME');
    expect((await check('log/../../a', '{}')).problems).toHaveLength(1);
    expect((await check('slack/new', '{}')).problems).toMatchObject([
      { message: expect.stringContaining('not on this page') },
    ]);
  });

  it('is played with the last events, and shown as the sink renders it', async () => {
    const { source, check } = await start({});
    source.tell(
      ...Array.from({ length: 250 }, (_, index) =>
        seen(numberedEvent(index, index % 2 === 0 ? {} : { reason: 'Other' })),
      ),
    );
    const found = await check('log/a', '{"filter":{"match":[{"reason":"Back*"}]}}');

    expect(found).toMatchObject({ problems: [], looked: 200, passing: 100 });
    expect(found.playground.slice(0, 2)).toMatchObject([
      { event: { id: numberedEvent(249).id }, goes: false, why: 'no match rule holds (reason is Other, wanted Back*)' },
      { event: { id: numberedEvent(248).id }, goes: true, why: 'reason Back*' },
    ]);
    expect(found.preview.map(({ isMadeUp, events }) => [isMadeUp, events])).toEqual(
      [244, 246, 248].map((index) => [false, [numberedEvent(index).id]]),
    );
  });

  it('is shown with a made-up event where none would go, also while it is disabled', async () => {
    const { check } = await start({ 'secrets/slack/a': { webhookUrl: URL_SECRET } });
    const { preview } = await check('slack/a', '{"enabled":false}');

    expect(preview).toMatchObject([{ isMadeUp: true, events: [expect.stringMatching(/^prod\//)] }]);
    expect(JSON.stringify(preview)).toContain('Back-off restarting failed container api');
  });

  it('is tried with patterns of the language that has to be loaded first', async () => {
    const { source, check } = await start({});
    source.tell(seen(numberedEvent(1)));

    expect((await check('log/a', '{"filter":{"match":[{"reason":"/^back/i"}]}}')).passing).toBe(1);
  });
});

describe('a new destination', () => {
  it.each(sinkTypes())('of %s begins with what it needs, and cannot be saved as it is', async (type) => {
    const { served, check } = await start({});
    const { text, schema } = JSON.parse((await served.call('GET', `/api/skeleton?type=${type}`)).text);
    const { problems } = await check(`${type}/new`, text);
    const config = await loadConfig(type);
    const isSecret = (field: string): boolean => Object.hasOwn(config.secrets.shape, field.split('.')[0] ?? '');

    expect(schema).toMatchObject({ properties: { filter: {} } });
    // Secrets are set elsewhere; what depends on what a field says is told once it says that.
    const isMissing = (message: string): boolean => /^is missing \(|is not a known field/.test(message);
    expect(problems.filter(({ field, message }) => isMissing(message) && !isSecret(field))).toEqual([]);
    if (text.includes('REPLACE_ME')) expect(problems.length).toBeGreaterThan(0);
  });

  it('is of a type that there is', async () => {
    const { served } = await start({});

    expect((await served.call('GET', '/api/skeleton?type=slak')).json).toEqual({
      error: 'there is no sink type slak (did you mean slack?)',
    });
  });
});

describe('saving', () => {
  it('writes what was checked, and keeps what was not shown', async () => {
    const stored = { url: URL_SECRET, headers: { 'X-A': 'b' } };
    const { source, save, detail } = await start({ 'destinations/webhook/team': stored });
    const { text, version } = await detail('webhook/team');
    const reply = await save('webhook/team', text.replace('"b"', '"c"'), version);

    expect([reply.status, reply.json]).toEqual([200, { version: '2' }]);
    const written = source.stored.get('destinations/webhook/team')?.[0]?.text ?? '';
    expect(JSON.parse(written)).toEqual({ url: URL_SECRET, headers: { 'X-A': 'c' } });
  });

  it.each([
    ['a secret that was never there', { headers: { 'X-New': '[secret]' } }, 'headers.X-New'],
    ['one in a longer text', { headers: { 'X-A': 'Bearer [secret]' } }, 'headers.X-A'],
    ['a field of secrets that lie elsewhere', { secretHeaders: '[secret]' }, 'secretHeaders'],
  ])('refuses %s', async (_, more, field) => {
    const { source, save } = await start({ 'destinations/webhook/team': { url: URL_SECRET } });
    const reply = await save('webhook/team', JSON.stringify({ url: '[secret]', ...more }), '1');

    expect([reply.status, reply.text]).toEqual([400, expect.stringContaining(field)]);
    expect(source.stored.get('destinations/webhook/team')).toHaveLength(1);
  });

  it('refuses mistakes, and what was changed meanwhile, before and during it', async () => {
    let isRacing = false;
    const { source, save } = await start(
      { 'destinations/log/a': {} },
      {
        save: async ({ id }) => {
          if (isRacing) source.stored.set(`destinations/${id}`, [{ version: '9', text: '{}' }]);
          throw new OpsError('it is of version 9');
        },
      },
    );
    expect((await save('log/a', '{"x":1}', '1')).json).toEqual({
      error: expect.stringMatching(/^nothing was saved: x /),
    });
    expect((await save('log/a', '{}', '0')).status).toBe(409);
    expect((await save('log/a', '{}', '')).status).toBe(409);
    expect((await save('log/new', '{}', '1')).status).toBe(409);
    expect([(await save('log/a', '{}', '1')).status, (await save('log/a', '{}', '1')).json]).toEqual([
      502,
      { error: 'it is of version 9' },
    ]);
    isRacing = true;
    expect((await save('log/a', '{}', '1')).status).toBe(409);
  });

  it('says of a destination that cannot be saved here why not, before anybody types', async () => {
    const noEdit = { why: 'it is a file of another kind' };
    const { detail } = await start(
      { 'destinations/log/a': {}, 'destinations/log/b': {} },
      { noEdit: async (id) => (id === 'log/a' ? noEdit : undefined) },
    );

    expect((await detail('log/a')).noEdit).toEqual(noEdit);
    expect(await detail('log/b')).not.toHaveProperty('noEdit');
  });

  it('goes back to an earlier version, checked and with its secrets', async () => {
    const { source, served } = await start({ 'destinations/webhook/team': { url: URL_SECRET } });
    const [first] = source.stored.get('destinations/webhook/team') ?? [];
    const versions = [
      { version: '3', text: '{"url":"http://127.0.0.1:1"}' },
      { version: '2', text: '{"bad":1}' },
    ];
    source.stored.set('destinations/webhook/team', [...versions, ...(first ? [first] : [])]);
    const rollback = (version: string) =>
      served.call('POST', '/api/destination/rollback', { body: { id: 'webhook/team', version } });

    expect((await rollback('2')).status).toBe(400);
    expect((await rollback('8')).status).toBe(404);
    expect((await rollback('1')).json).toEqual({ version: '4' });
    expect(JSON.parse(source.stored.get('destinations/webhook/team')?.[0]?.text ?? '')).toEqual({ url: URL_SECRET });
  });
});
