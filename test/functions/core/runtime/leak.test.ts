import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sampleKubeEvent } from '../../../../functions/core/contract/sample.ts';
import { createHandler, type SinkHandler } from '../../../../functions/core/runtime/handler.ts';
import { sink } from '../../../../functions/sinks/webhook/sink.ts';
import { startHttpServer, type HttpServer, type ReceivedRequest } from '../../../support/http-server.ts';
import { encodings } from '../../../support/secret-forms.ts';
import { startSqs, type TestSqs } from '../../../support/sqs.ts';

const OLD = 'old/s3cret "wörd"+%';
const NEW = 'new/t0ken &wörd=?';

const ample = { getRemainingTimeInMillis: () => 60_000 };

let sqs: TestSqs;
let server: HttpServer;
let folder: string;
let lines: string[];
let handler: SinkHandler;
let queueUrl: string;
let letterQueueUrl: string;
let serial = 0;

beforeAll(async () => {
  sqs = await startSqs();
  server = await startHttpServer(() => 'break');
});
afterAll(() => Promise.all([sqs.stop(), server.stop()]));
beforeEach(() => {
  serial += 1;
  folder = mkdtempSync(join(tmpdir(), 'courier-leak-'));
  queueUrl = sqs.createQueue(`webhook-${serial}`);
  letterQueueUrl = sqs.createQueue(`webhook-dead-${serial}`);
  lines = [];
  store('destinations/webhook/a', {});
  rotateTo(OLD);
  handler = createHandler(sink, {
    env: {
      DESTINATIONS: `file:${folder}`,
      QUEUE_URL: queueUrl,
      DEAD_LETTER_QUEUE_URL: letterQueueUrl,
      MAX_RECEIVES: '1',
    },
    output: { stdout: (line) => lines.push(line), stderr: (line) => lines.push(line) },
  });
  return () => rmSync(folder, { recursive: true });
});

function store(path: string, document: unknown): void {
  const file = join(folder, `${path}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(document));
}

function rotateTo(secret: string): void {
  store('secrets/webhook/a', {
    url: `${server.url}/hooks/${encodeURIComponent(secret)}?token=${encodeURIComponent(secret)}`,
    secretHeaders: {
      Authorization: `Basic ${Buffer.from(`kube:${secret}`).toString('base64')}`,
      'X-Key': `key ${encodeURIComponent(secret)}`,
    },
  });
}

async function deliver(version: number): Promise<readonly string[]> {
  const metadata = { ...sampleKubeEvent.metadata, resourceVersion: String(version) };
  await sqs.send(queueUrl, {
    v: 1,
    kind: 'event',
    cluster: 'prod',
    seenAt: '2026-11-23T08:00:00Z',
    change: 'added',
    destination: 'webhook/a',
    event: { ...sampleKubeEvent, metadata },
  });
  await handler(await sqs.receive(queueUrl), ample);
  const letters = await sqs.drain(letterQueueUrl);
  return letters.map(({ MessageAttributes }) => JSON.stringify(MessageAttributes));
}

function expectNothingShown(shown: readonly string[]): void {
  expect(shown.length).toBeGreaterThan(0);
  for (const text of shown) {
    for (const [name, encode] of Object.entries(encodings)) {
      if (name.startsWith('in base64 after') || name.startsWith('in base64 of') || name.startsWith('in base64url of'))
        continue;
      for (const secret of [OLD, NEW]) {
        const form = encode(secret);
        expect(text, name).not.toContain(form);
        expect(text, `${name}, in JSON`).not.toContain(JSON.stringify(form).slice(1, -1));
      }
    }
  }
}

describe('a service that repeats each request, the earlier ones too', () => {
  const echoes = Object.entries({
    'as it came': ({ path, headers }: ReceivedRequest) => `${headers['authorization']} ${headers['x-key']} ${path}`,
    decoded: ({ path, headers }: ReceivedRequest) =>
      `${decodeURIComponent(path)} ${Buffer.from(headers['authorization']?.slice('Basic '.length) ?? '', 'base64').toString()}`,
    'in JSON': ({ path, headers }: ReceivedRequest) => JSON.stringify({ path, headers }),
    'in base64': ({ path, headers }: ReceivedRequest) =>
      Buffer.from(`${headers['authorization']} ${decodeURIComponent(path)}`).toString('base64'),
    'in hex': ({ path, headers }: ReceivedRequest) =>
      Buffer.from(`${headers['x-key']} ${decodeURIComponent(path)}`).toString('hex'),
  });

  it.each(echoes)('shows no secret in logs, letters, metrics and outcomes, over a rotation: %s', async (_, echo) => {
    const seen: string[] = [];
    server.respond((request) => {
      seen.unshift(echo(request));
      // Rotated while the first request is on its way: it is refused, and sent again with the new one.
      rotateTo(NEW);
      return { status: seen.length === 1 ? 401 : 400, statusText: 'No', body: seen.slice(0, 2).join(' | ') };
    });
    const first = await deliver(1);
    server.respond((request) => ({ status: 500, body: `${seen.at(-1)} | ${echo(request)}` }));
    const second = await deliver(2);
    const outcome = await handler({ test: { destination: 'webhook/a', event: sampleKubeEvent } }, ample);

    expect(seen).toHaveLength(2);
    expect([first, second].map((letters) => letters.length)).toEqual([1, 1]);
    expect(
      [...first, ...second, ...lines, JSON.stringify(outcome)].filter((text) => text.includes('[secret]')),
    ).toHaveLength(5);
    expectNothingShown([...first, ...second, ...lines, JSON.stringify(outcome)]);
  });
});
