import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Attempt, Flow } from '../../../infra/console/contract.ts';
import type { ConsoleSource, Observation } from '../../../infra/console/source.ts';
import { embeddedSource } from '../../../localstack/embedded/console-source.ts';
import { createConsoleTap } from '../../../localstack/embedded/console-tap.ts';
import { startEmbeddedStack, type EmbeddedStack } from '../../../localstack/embedded/embedded.ts';
import { createDestinationsFolder, ingest, kubeEvent, type DestinationsFolder } from '../../support/embedded.ts';
import { startHttpServer, type HttpServer } from '../../support/http-server.ts';

const LONG = { timeout: 60_000 };
const { signal } = new AbortController();

let folder: DestinationsFolder;
let receiver: HttpServer;
let stack: EmbeddedStack;
let source: ConsoleSource;
let ended: AbortController;
let observations: Observation[];

beforeEach(async () => {
  folder = await createDestinationsFolder();
  receiver = await startHttpServer(() => ({ status: 200 }));
  await folder.write('destinations/log/console', { format: 'text' });
  ended = new AbortController();
  observations = [];
  const tap = createConsoleTap();
  stack = await startEmbeddedStack({ folder: folder.path, print: () => {}, log: () => {}, tap });
  source = embeddedSource({
    title: 'a test',
    folder: folder.path,
    stack,
    tap,
    receiver: { why: 'there is none' },
    signal: ended.signal,
  });
  void source.follow((some) => observations.push(...some), ended.signal);
});

afterEach(async () => {
  ended.abort();
  await stack.stop();
  await receiver.stop();
  await folder.remove();
});

/** What was told of the deliveries of an event to a destination. */
function attemptsOf(uid: string, destination: string): readonly Attempt[] {
  return observations.flatMap((each) =>
    each.kind === 'delivery' && each.destination === destination && each.eventId.includes(`/${uid}/`)
      ? [each.attempt]
      : [],
  );
}

/** Refuses events with these words, and at first everything so many times. */
function serve({ refused = '', failing = 0 }: { readonly refused?: string; readonly failing?: number }): void {
  let failures = 0;
  receiver.respond(({ body }) => {
    if (refused !== '' && body.includes(refused)) return { status: 422, body: 'no such thing' };
    failures += 1;
    return failures > failing ? { status: 200 } : { status: 503, body: 'not now' };
  });
}

const toWebhook = () => folder.write('destinations/webhook/team', { url: receiver.url, body: '${ event.uid }' });

describe("an event's way", () => {
  it('is told: that it came, its failed attempt with the reason, and that it was delivered', async () => {
    serve({ failing: 1 });
    await toWebhook();

    await ingest(stack, [kubeEvent('one', { reason: 'BackOff' })]);
    await vi.waitFor(() => expect(attemptsOf('one', 'webhook/team').at(-1)?.status).toBe('delivered'), LONG);

    const [event] = observations.flatMap((each) => (each.kind === 'event' ? [each.event] : []));
    expect(event).toMatchObject({ cluster: 'test', uid: 'one', reason: 'BackOff' });
    expect(observations.filter(({ kind }) => kind === 'event')).toHaveLength(1);
    expect(attemptsOf('one', 'webhook/team')).toEqual([
      { at: expect.any(String), status: 'retrying', code: 'http_503', detail: 'HTTP 503: not now' },
      { at: expect.any(String), status: 'delivered' },
    ]);
    expect(attemptsOf('one', 'log/console').map(({ status }) => status)).toEqual(['delivered']);
  });

  it('ends with a letter, which a look does not hide, and which a replay delivers', async () => {
    serve({ refused: 'refused' });
    await toWebhook();
    await ingest(stack, [kubeEvent('refused'), kubeEvent('fine')]);
    await vi.waitFor(() => expect(stack.summary()).toMatchObject({ waiting: 0, deadLettered: 1, delivered: 3 }), LONG);

    const groups = await source.letters(signal);
    expect(groups).toEqual([
      {
        owner: 'webhook',
        code: 'http_422',
        destination: 'webhook/team',
        count: 1,
        oldest: expect.any(String),
        advice: expect.any(String),
        samples: [
          expect.objectContaining({
            detail: 'HTTP 422: no such thing',
            attempts: 1,
            replays: 0,
            event: expect.objectContaining({ id: expect.stringContaining('/refused/') }),
          }),
        ],
      },
    ]);
    expect(await source.letters(signal)).toEqual(groups);
    expect(attemptsOf('refused', 'webhook/team').map(({ status }) => status)).toEqual(['letter']);

    serve({});
    const request = { owner: 'webhook', code: 'http_422', destination: 'webhook/team' };
    const none = { replayed: 0, guarded: 0, refused: 0 };
    expect(await source.replay?.({ ...request, code: 'http_410', dryRun: false }, signal)).toEqual(none);
    expect(await source.replay?.({ ...request, dryRun: true }, signal)).toEqual({ ...none, replayed: 1 });
    expect(await source.letters(signal)).toEqual(groups);

    expect(await source.replay?.({ ...request, dryRun: false }, signal)).toEqual({ ...none, replayed: 1 });
    await vi.waitFor(() => expect(stack.summary()).toMatchObject({ delivered: 4, deadLettered: 0, replayed: 1 }), LONG);
    expect(attemptsOf('refused', 'webhook/team').map(({ status }) => status)).toEqual(['letter', 'delivered']);
    expect(await source.letters(signal)).toEqual([]);
  });
});

it('leaves letters that were replayed three times, and says how many in a dry run as well', async () => {
  serve({ refused: 'refused' });
  await toWebhook();
  await ingest(stack, [kubeEvent('refused')]);
  const request = { owner: 'webhook', dryRun: false };
  for (let replays = 0; replays < 3; replays += 1) {
    await vi.waitFor(() => expect(stack.summary()).toMatchObject({ waiting: 0, deadLettered: 1 }), LONG);
    // It may fail again while it is replayed, and stays then.
    expect(await source.replay?.(request, signal)).toMatchObject({ replayed: 1 });
  }
  await vi.waitFor(() => expect(stack.summary()).toMatchObject({ waiting: 0, deadLettered: 1 }), LONG);

  const guarded = { replayed: 0, guarded: 1, refused: 0 };
  expect(await source.replay?.({ ...request, dryRun: true }, signal)).toEqual(guarded);
  expect(await source.replay?.(request, signal)).toEqual(guarded);
  await expect(source.replay?.({ ...request, owner: 'nonsense' }, signal)).rejects.toThrow('nonsense');
});

it("replays the router's letters, and its account still adds up", async () => {
  const poison = new SendMessageCommand({ QueueUrl: stack.ingestQueueUrl, MessageBody: 'poison' });
  await stack.queues.client.send(poison);
  await vi.waitFor(() => expect(stack.summary()).toMatchObject({ deadLettered: 1, waiting: 0 }), LONG);
  const [group] = await source.letters(signal);
  expect(group).toMatchObject({ owner: 'router', code: 'invalid_message', destination: 'router', count: 1 });

  expect(await source.replay?.({ owner: 'router', dryRun: false }, signal)).toMatchObject({ replayed: 1 });
  await vi.waitFor(() => expect(stack.summary()).toMatchObject({ deadLettered: 1, waiting: 0, replayed: 1 }), LONG);

  expect((await source.flow()).ledger).toMatchObject({ events: 1, seen: 1, letters: 1, missing: 0 });
  expect((await source.letters(signal))[0]?.samples[0]).toMatchObject({ replays: 1 });
  expect(observations).toEqual([]);
});

describe('the flow', () => {
  it("has the router and the sinks with a destination, and the summary's numbers, which add up at each moment", async () => {
    serve({ failing: 3, refused: '"7"' });
    await toWebhook();
    await vi.waitFor(async () => expect((await source.flow()).stages).toHaveLength(3), LONG);

    const flows: Flow[] = [];
    const events = Array.from({ length: 40 }, (_, number) => kubeEvent(String(number)));
    await ingest(stack, events);
    await vi.waitFor(async () => {
      flows.push(await source.flow());
      expect(stack.summary()).toMatchObject({ events: 40, waiting: 0, deadLettered: 1 });
    }, LONG);
    const last = await source.flow();

    expect(last.stages.map(({ owner }) => owner)).toEqual(['router', 'log', 'webhook']);
    expect(last.stages[1]).toMatchObject({ delivered: 40, filtered: 0, retried: 0, letters: 0, waiting: 0 });
    expect(last.stages[2]).toMatchObject({ delivered: 39, letters: 1, waiting: 0, inFlight: 0, problems: [] });
    expect(last.eventsPerSecond).toBeGreaterThan(0);
    const { deadLettered: letters, ...numbers } = stack.summary();
    expect(last.ledger).toEqual({ ...numbers, letters, missing: 0 });
    expect(flows.map(({ ledger }) => ledger?.missing).filter((missing) => missing !== 0)).toEqual([]);
  });

  it('names a destination where nothing succeeds, until something does', async () => {
    serve({ failing: 3 });
    await toWebhook();
    await ingest(stack, [kubeEvent('one'), kubeEvent('two'), kubeEvent('three')]);
    const problems = async () => (await source.flow()).stages.find(({ owner }) => owner === 'webhook')?.problems;

    await vi.waitFor(
      async () =>
        expect(await problems()).toEqual([
          'webhook/team fails, and its events are tried again: http_503, HTTP 503: not now',
        ]),
      LONG,
    );
    await vi.waitFor(async () => expect(await problems()).toEqual([]), LONG);
  });
});

describe('versions of a destination', () => {
  const FIRST = '{ "format": "text" }';
  const read = () => readFile(join(folder.path, 'destinations/log/console.json'), 'utf8');
  const current = async () => {
    const document = (await source.documents.read('destinations', ['log/console'])).get('log/console');
    return document && 'version' in document ? document.version : '';
  };

  it('are kept of edits here and in an editor', async () => {
    await source.versions('log/console');
    await folder.write('destinations/log/console', FIRST);
    await source.versions('log/console');
    const saved = await source.save?.({ id: 'log/console', text: '{ "format": "json" }', basedOn: await current() });
    expect([await current(), await read()]).toEqual([saved?.version, '{ "format": "json" }']);
    await folder.write('destinations/log/console', '{}');

    expect((await source.versions('log/console')).map(({ text, by }) => [text, by])).toEqual([
      ['{ "format": "json" }', 'console'],
      [FIRST, undefined],
      ['{"format":"text"}', undefined],
    ]);
    await source.save?.({ id: 'log/console', text: FIRST, basedOn: await current() });
    expect((await source.versions('log/console')).map(({ text }) => text)).toEqual([
      '{}',
      '{ "format": "json" }',
      '{"format":"text"}',
    ]);
  });

  it('are there of a destination that is gone, and of none that never was', async () => {
    await source.save?.({ id: 'webhook/new', text: '{ "url": "http://127.0.0.1/" }', basedOn: '' });
    expect(await source.versions('webhook/new')).toEqual([]);
    await folder.remove();
    await mkdir(join(folder.path, 'destinations'), { recursive: true });

    expect((await source.versions('webhook/new')).map(({ text }) => text)).toEqual(['{ "url": "http://127.0.0.1/" }']);
    expect(await source.versions('log/never')).toEqual([]);
  });

  it('are not written over one that came meanwhile', async () => {
    const basedOn = await current();
    await folder.write('destinations/log/console', FIRST);

    const request = { id: 'log/console', text: '{}' };
    await expect(source.save?.({ ...request, basedOn })).rejects.toThrow('log/console was changed meanwhile');
    await expect(source.save?.({ ...request, basedOn: '' })).rejects.toThrow('was changed meanwhile');
    await expect(source.save?.({ ...request, id: 'log/gone', basedOn })).rejects.toThrow('was changed meanwhile');
    expect(await read()).toBe(FIRST);
    expect(await readdir(join(folder.path, 'destinations/log'))).toEqual(['console.json']);
  });

  it.each(['log/../../secrets/x', 'log/..', '../log/x', 'nonsense/x', 'log', 'log/a/b', 'log/.hidden'])(
    'are written for no destination %s',
    async (id) => {
      await expect(source.save?.({ id, text: '{}', basedOn: '' })).rejects.toThrow(/is no|there is no/);
      await expect(source.test?.(id)).rejects.toThrow(/is no|there is no/);
      expect(await readdir(folder.path, { recursive: true })).toEqual([
        'destinations',
        'destinations/log',
        'destinations/log/console.json',
      ]);
    },
  );
});

describe('a destination in YAML', () => {
  const YAML = '# for the team\nformat: text\n';
  const write = (file: string, text: string) => writeFile(join(folder.path, 'destinations/log', file), text);
  const files = () => readdir(join(folder.path, 'destinations/log'));
  const versionOf = async (id: string) => {
    const document = (await source.documents.read('destinations', [id])).get(id);
    return document && 'version' in document ? document.version : '';
  };

  it.each(['team.yaml', 'team.yml'])(
    'is shown with its versions, and is to be edited in its file: %s',
    async (file) => {
      await source.versions('log/console');
      await write(file, 'format: json');
      await source.versions('log/team');
      await write(file, YAML);

      expect((await source.versions('log/team')).map(({ text }) => text)).toEqual(['{"format":"json"}']);
      expect([...(await source.documents.list('destinations')).keys()]).toEqual(['log/console', 'log/team']);
      expect(await source.noEdit?.('log/team')).toEqual({
        why: expect.stringContaining(join(folder.path, 'destinations/log', file)),
      });
      expect(await source.noEdit?.('log/console')).toBeUndefined();
      expect(await source.noEdit?.('log/never')).toBeUndefined();
    },
  );

  it('is not written over, nor beside', async () => {
    await write('team.yaml', YAML);
    const basedOn = await versionOf('log/team');

    await expect(source.save?.({ id: 'log/team', text: '{}', basedOn })).rejects.toThrow('destinations/log/team.yaml');
    await expect(source.save?.({ id: 'log/team', text: '{}', basedOn: '' })).rejects.toThrow('log/team.yaml');
    expect(await files()).toEqual(['console.json', 'team.yaml']);
    expect(await readFile(join(folder.path, 'destinations/log/team.yaml'), 'utf8')).toBe(YAML);
  });

  it('is not written where it cannot be read, and is written as JSON once its file is gone', async () => {
    await write('team.yaml', 'format: [');
    await expect(source.save?.({ id: 'log/team', text: '{}', basedOn: '' })).rejects.toThrow('is not YAML');
    await write('console.yml', YAML);
    const both = source.save?.({ id: 'log/console', text: '{}', basedOn: '' });
    await expect(both).rejects.toThrow('is in console.json and console.yml: keep one');

    await rm(join(folder.path, 'destinations/log/team.yaml'));
    await source.save?.({ id: 'log/team', text: '{}', basedOn: '' });
    expect(await files()).toEqual(['console.json', 'console.yml', 'team.json']);
  });
});

it('writes silences into the folder, which hold events from then on, and removes them', async () => {
  const until = new Date(Date.now() + 3_600_000).toISOString();
  const text = JSON.stringify({ match: [{ reason: 'Held' }], until, why: 'a rollout', by: 'alice' });

  await source.putSilence?.('rollout', text);
  expect([...(await source.documents.list('silences')).keys()]).toEqual(['rollout']);
  await expect(source.putSilence?.('../destinations/log/console', text)).rejects.toThrow('is no name');
  await expect(source.removeSilence?.('../destinations/log/console')).rejects.toThrow('is no name');

  expect(await source.removeSilence?.('rollout')).toBe(true);
  expect(await source.removeSilence?.('rollout')).toBe(false);
  expect(await readdir(join(folder.path, 'silences'))).toEqual([]);
});

it('tests a destination for real, without touching the account', async () => {
  await toWebhook();
  const bodies: string[] = [];
  receiver.respond(({ body }) => {
    bodies.push(body);
    return bodies.length === 1 ? { status: 200 } : { status: 401, body: 'who are you?' };
  });

  expect(await source.test?.('webhook/team')).toEqual({ status: 'delivered' });
  expect(await source.test?.('webhook/team')).toEqual({
    status: 'rejected',
    code: 'http_401',
    detail: 'HTTP 401: who are you?',
  });
  expect(await source.test?.('webhook/none')).toMatchObject({ status: 'rejected', code: 'destination_not_found' });
  expect(bodies).toHaveLength(2);
  expect(stack.summary()).toMatchObject({ seen: 0, delivered: 0, deadLettered: 0 });
  expect(observations).toEqual([]);
});

it('says what it cannot do', () => {
  expect(source.about).toMatchObject({
    kind: 'embedded',
    title: 'a test',
    cannot: { receiver: { why: 'there is none' } },
  });
  expect(source.about.sinks).toContain('dingtalk');
  expect(source.receiver).toBeUndefined();
});
