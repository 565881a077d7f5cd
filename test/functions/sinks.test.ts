import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ShownText, SinkCase } from '../../functions/core/contract/case.ts';
import { docs } from '../../functions/core/contract/config.ts';
import { commonFieldsOf } from '../../functions/core/destinations/destination.ts';
import type { ClusterEvent, KubeEvent } from '../../functions/core/contract/event.ts';
import type { Fate } from '../../functions/core/contract/outcome.ts';
import { sampleEvent, sampleEventIn, sampleKubeEvent } from '../../functions/core/contract/sample.ts';
import { anyText } from '../support/any-text.ts';
import { expectDocumented } from '../support/documented-codes.ts';
import { startHttpServer, type HttpServer } from '../support/http-server.ts';
import {
  destinationOf,
  loadSink,
  optionsOf,
  recordingClient,
  replayer,
  run,
  sinksFolder,
  sinkTypes,
  type AnySink,
} from '../support/sink-under-test.ts';

const types = sinkTypes.filter((type) => existsSync(join(sinksFolder, type, 'cases.ts')));
const loaded = await Promise.all(types.map(async (type) => ({ type, ...(await loadSink(type)) })));

const hostileMessages = [
  '',
  '"quotes" \\ back\\slash \n newline \r\n\t tab \0 null \u001B[31m escape',
  'emoji 🔥👩‍👩‍👧 and 漢字 and \u202Eright-to-left\u202C',
  'lone \uD800 surrogate \uDC00 halves',
  '${ event.message } {{ .Message }} {% raw %} $HOME `id` $(id)',
  '<script>alert(1)</script> [link](http://evil.example) ![img](x) @all <!channel> <@U1> # head\n> quote\n* list | table',
  `long ${'x'.repeat(1024 * 1024)}`,
];

let server: HttpServer;
beforeAll(async () => {
  server = await startHttpServer(() => 'break');
});
afterAll(() => server.stop());

describe.each(loaded)('sink $type', ({ type, sink, cases, messages }) => {
  const { config } = sink;
  const firstCase = cases[0];

  it('has the files every sink has, and is named as its folder', () => {
    for (const file of ['config.ts', 'sink.ts', 'handler.ts', 'cases.ts', 'README.md']) {
      expect(existsSync(join(sinksFolder, type, file)), file).toBe(true);
    }
    expect(config.type).toBe(type);
  });

  it('documents every field, and keeps options, secrets and common fields apart', () => {
    const names = [commonFieldsOf(config), config.options.shape, config.secrets.shape].flatMap(Object.keys);
    expect(new Set(names).size).toBe(names.length);
    for (const [name, schema] of Object.entries({ ...config.options.shape, ...config.secrets.shape })) {
      expect(docs.get(schema)?.description, name).toMatch(/\.$/);
    }
    for (const name of config.plainSecrets ?? []) expect(Object.keys(config.secrets.shape)).toContain(name);
  });

  it('has a README with the sections that are generated', () => {
    const readme = readFileSync(join(sinksFolder, type, 'README.md'), 'utf8');
    for (const section of ['options', 'example', 'codes']) {
      expect(readme).toMatch(new RegExp(`<!-- ${section} -->[\\s\\S]*<!-- /${section} -->`));
    }
  });

  it('names and explains every code it returns', () => {
    expectDocumented(
      config,
      cases.flatMap(({ outcomes }) => outcomes),
    );
  });

  describe.each(cases)('$name', (example) => {
    it('makes exactly these requests and gives these outcomes', async () => {
      await runCase(example);
    });
  });

  async function runCase(example: SinkCase): Promise<void> {
    const exchanges = example.exchanges ?? [];
    server.respond(replayer(exchanges));
    const recording = example.calls && recordingClient(example.calls);
    const result = await run(
      sink,
      destinationOf(sink, example),
      example.events.map((fields) => sampleEventIn(example.context, fields)),
      {
        server,
        now: example.now,
        ...(recording && { client: recording.client }),
      },
    );
    expect(result.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(
      exchanges.map(({ request }) => `${request.method} ${request.url}`),
    );
    for (const [index, { request }] of exchanges.entries()) {
      const sent = result.requests[index];
      expect(sent?.headers).toMatchObject(request.headers ?? {});
      if (typeof request.body === 'string') expect(sent?.body).toBe(request.body);
      else if (request.body !== undefined) expect(JSON.parse(sent?.body ?? '')).toEqual(request.body);
    }
    expect(recording?.seen ?? []).toEqual((example.calls ?? []).map(({ method, args }) => ({ method, args })));
    expect(result.lines).toEqual(example.lines ?? []);
    expect(result.outcomes).toEqual(example.outcomes);
  }

  if (firstCase) {
    const destination = destinationOf(sink, firstCase);
    const { options } = destination;

    it('renders purely: frozen events, twice the same, each event in exactly one parcel', () => {
      const events = [sampleEvent(), ...hostileMessages.map((message, index) => numbered(index, { message }))];
      events.forEach(deepFreeze);
      const parcels = sink.render(events, options);
      expect(parcels.flatMap((parcel) => parcel.events).toSorted(byId)).toEqual(events.toSorted(byId));
      expect(sink.render(events, options)).toEqual(parcels);
    });

    it('renders whatever an event holds', () => {
      const text = anyText(200);
      const event = fc.record(
        {
          message: text,
          reason: text,
          type: text,
          count: fc.integer(),
          lastTimestamp: fc.option(text),
          source: fc.record({ component: text, host: text }),
        },
        { requiredKeys: [] },
      );
      fc.assert(
        fc.property(fc.array(event, { minLength: 1, maxLength: 12 }), (list) => {
          const events = list.map((fields, index) => numbered(index, fields));
          const parcels = sink.render(events, options);
          expect(parcels.flatMap((parcel) => parcel.events)).toHaveLength(events.length);
          // Half a surrogate pair cannot be sent as UTF-8, but as an escape in JSON, which parsers and stores refuse.
          for (const text of parcels.flatMap(({ payload }) => textsIn(payload))) {
            expect(text).not.toMatch(/(?<!\\)(\\\\)*\\ud[89a-f]/i);
          }
        }),
        { numRuns: 50 },
      );
    });

    if (config.chat) {
      it('shows people whole texts within the bounds of the service, whatever an event holds', () => {
        const variants = [...cases, ...(messages?.variants ?? [])].map((each) => JSON.stringify(each.options));
        // What escaping lengthens, what it could be cut in two at, and what is two units long.
        const piece = fc.constantFrom(
          '&lt;',
          '&',
          '<',
          '@',
          '`',
          '**',
          '[',
          '](',
          '\\\\',
          '"',
          '://',
          '😀',
          '容',
          'x',
          ' ',
        );
        const text = fc.oneof(
          fc.array(piece, { maxLength: 1500 }).map((pieces) => pieces.join('')),
          fc.tuple(piece, fc.integer({ min: 0, max: 9000 })).map(([each, times]) => each.repeat(times)),
          anyText(200),
        );
        const label = fc.array(piece, { minLength: 1, maxLength: 60 }).map((pieces) => pieces.join(''));
        const event = fc.record({
          message: text,
          reason: text,
          involvedObject: fc.record({ kind: text, namespace: text, name: text, fieldPath: text }),
          source: fc.record({ component: text, host: text }),
        });
        expect(messages).toBeDefined();
        fc.assert(
          fc.property(
            fc.constantFrom(...new Set(variants)),
            fc.array(label, { maxLength: 10 }),
            fc.array(event, { minLength: 1, maxLength: 12 }),
            (variant, labels, list) => {
              const events = list.map((fields, index) =>
                sampleEvent({ ...fields, metadata: { uid: `u${index}`, resourceVersion: '1' } }),
              );
              const parcels = sink.render(events, optionsOf(sink, { ...JSON.parse(variant), labels }));
              for (const shown of parcels.flatMap(({ payload }) => messages?.texts(payload) ?? []))
                expectWithinBounds(shown);
            },
          ),
          { numRuns: 60 },
        );
      });

      it.each(messages?.variants ?? [])('fills the room with a long message: $name', ({ options: document }) => {
        for (const message of ['容'.repeat(9000), '<'.repeat(9000), 'word '.repeat(2000)]) {
          const [parcel] = sink.render([sampleEvent({ message })], optionsOf(sink, document));
          const [shown] = messages?.texts(parcel?.payload) ?? [];
          const { max = 0, unit = 'utf8' } = shown?.limit ?? {};
          expect(sizeOf(shown?.text ?? '', unit)).toBeGreaterThan(max * 0.99 - 10);
        }
      });
    }

    if (firstCase.exchanges) {
      it.each([400, 413, 422])('rejects an event for HTTP %i only once it was refused alone', async (status) => {
        server.respond(() => ({ status }));
        const sent: (readonly ClusterEvent[])[] = [];
        const observed: AnySink = {
          ...sink,
          send(parcel, client, ctx) {
            sent.push(parcel.events);
            return sink.send(parcel, client, ctx);
          },
        };
        const events = [numbered(0), numbered(1), numbered(2)];
        const { outcomes } = await run(observed, destination, events, { server });
        for (const [index, outcome] of outcomes.entries()) {
          expect(outcome).toMatchObject({ status: 'rejected', scope: 'event' });
          expect(sent).toContainEqual([events[index]]);
        }
      });

      // Where a 200 can be an error, every other 200 than a success is one.
      const bodyReaders = cases.filter(
        ({ exchanges, outcomes }) =>
          exchanges?.length === 1 &&
          exchanges[0]?.reply.status === 200 &&
          outcomes.every((outcome) => outcome.status !== 'delivered'),
      );
      const events = [numbered(0), numbered(1), numbered(2)];

      it('retries when the service is gone, and when it breaks off', async () => {
        server.respond(() => 'break');
        expectRetries((await run(sink, destination, events, { server })).outcomes);
      });

      it('retries when the service hangs past the deadline', async () => {
        server.respond(() => 'hang');
        const deadline = new AbortController();
        const running = run(sink, destination, events, { server, signal: deadline.signal });
        await expect.poll(() => server.requests.length).toBeGreaterThan(0);
        deadline.abort();
        expectRetries((await running).outcomes);
      });

      it.each(['not JSON <', '', '[]', 'null', '"text"', '17', '{}', '{"errcode":"x","items":7,"errors":true}'])(
        'does not trip over the reply %j',
        async (body) => {
          server.respond(() => ({ status: 200, headers: { 'content-type': 'application/json' }, body }));
          for (const example of [firstCase, ...bodyReaders]) {
            const { outcomes } = await run(sink, destinationOf(sink, example), events, { server });
            expect(outcomes).toHaveLength(events.length);
            for (const outcome of outcomes) {
              if (example !== firstCase) expect(outcome.status).not.toBe('delivered');
              if (outcome.status !== 'delivered') expect(outcome.code).not.toBe('unexpected_error');
            }
          }
        },
      );
    }
  }
});

function sizeOf(text: string, unit: 'utf8' | 'utf16'): number {
  return unit === 'utf8' ? Buffer.byteLength(text) : text.length;
}

function expectWithinBounds({ text, limit, pairs = [], isLiteral }: ShownText): void {
  if (limit) expect(sizeOf(text, limit.unit)).toBeLessThanOrEqual(limit.max);
  expect(text.isWellFormed()).toBe(true);
  if (!isLiteral) expect(text, 'half an entity').not.toMatch(/&#?\w{1,10}(…|$)/m);
  if (pairs.length === 0) return;
  const isHtml = pairs.every(([, close]) => close.startsWith('</'));
  const shown = isHtml ? text : text.replaceAll(/```[^]*?```/g, '');
  for (const whole of shown.split('\n')) {
    // Markdown reads nothing in code, and HTML does not know links of Markdown.
    const line = isHtml ? whole : whole.replaceAll(/`[^`]*`/g, '');
    if (!isHtml) expect(line, 'half a link').not.toMatch(/\]\([^)]*$/);
    for (const [open, close] of pairs) {
      const [opened = 0, closed = 0] = [open, close].map((tag) => line.split(tag).length - 1);
      expect(open === close ? opened % 2 : opened - closed, `${open} in ${line}`).toBe(0);
    }
  }
}

/** All texts in a payload, names of fields included. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Buffer.isBuffer(value)) return [value.toString()];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...textsIn(inner)]);
}

function expectRetries(outcomes: readonly Fate[]): void {
  expect(outcomes).toHaveLength(3);
  for (const outcome of outcomes) expect(outcome.status).toBe('retry');
}

function numbered(index: number, fields: KubeEvent = {}): ClusterEvent {
  return sampleEvent({ ...fields, metadata: { ...sampleKubeEvent.metadata, resourceVersion: String(1000 + index) } });
}

function byId(a: ClusterEvent, b: ClusterEvent): number {
  return a.id < b.id ? -1 : Number(a.id > b.id);
}

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  Object.values(value).forEach(deepFreeze);
}
