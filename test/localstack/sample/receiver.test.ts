import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BEHAVIOURS } from '../../../infra/console/contract.ts';
import { createConsoleTap } from '../../../localstack/embedded/console-tap.ts';
import type { Observation } from '../../../infra/console/source.ts';
import { startEmbeddedStack } from '../../../localstack/embedded/embedded.ts';
import { REFUSED_ERRCODE, startReceiver, type SampleReceiver } from '../../../localstack/sample/receiver.ts';
import { createDestinationsFolder, ingest, kubeEvent } from '../../support/embedded.ts';

let receiver: SampleReceiver;
let taken: string[];

beforeEach(async () => {
  taken = [];
  receiver = await startReceiver({
    destination: 'webhook/sample',
    script: ({ reason }) => (reason === 'Bad' ? 'fail' : 'ok'),
    onSet: () => taken.push('set'),
    onAnswer: ({ id, reason, place }, behaviour) => taken.push(`${id} ${reason} ${place} ${behaviour}`),
  });
});
afterEach(() => receiver.stop());

function send(body: string, signal?: AbortSignal): Promise<Response> {
  return fetch(receiver.url, { method: 'POST', headers: { 'webhook-id': '1' }, body, ...(signal && { signal }) });
}

it('answers by its script until somebody sets it', async () => {
  const bad = JSON.stringify({ reason: 'Bad', place: 'Pod/api' });

  expect((await send(bad)).status).toBe(500);
  expect(receiver.read()).toEqual({ behaviour: 'ok', destination: 'webhook/sample', answered: { fail: 1 } });
  receiver.set('ok');
  expect((await send(bad)).status).toBe(200);
  receiver.set('throttle');
  const throttled = await send('not JSON');

  expect([throttled.status, throttled.headers.get('retry-after')]).toEqual([429, '10']);
  expect(receiver.read()).toMatchObject({ behaviour: 'throttle', answered: { fail: 1, ok: 1, throttle: 1 } });
  expect(taken).toEqual(['1 Bad Pod/api fail', 'set', '1 Bad Pod/api ok', '1   throttle']);
});

describe('a request that hangs', () => {
  it('is answered when the receiver is set to something else', async () => {
    receiver.set('hang');
    const reply = send('{}');
    await vi.waitFor(() => expect(receiver.read().answered).toEqual({ hang: 1 }));

    receiver.set('hang');
    receiver.set('error-in-200');

    expect(await (await reply).json()).toMatchObject({ errcode: REFUSED_ERRCODE });
    expect(receiver.read().answered).toEqual({ hang: 1, 'error-in-200': 1 });
  });

  it('ends with whoever waits for it, and is answered no more', async () => {
    receiver.set('hang');
    const patience = new AbortController();
    const reply = send('{}', patience.signal);
    await vi.waitFor(() => expect(receiver.read().answered).toEqual({ hang: 1 }));

    patience.abort();
    await expect(reply).rejects.toThrow('aborted');
    // Its connection has ended before the next one begins.
    const next = send('{}');
    await vi.waitFor(() => expect(receiver.read().answered).toEqual({ hang: 2 }));
    receiver.set('ok');

    expect((await next).status).toBe(200);
    expect(receiver.read().answered).toEqual({ hang: 2, ok: 1 });
  });

  it('does not keep the receiver from stopping', async () => {
    receiver.set('hang');
    const reply = send('{}');
    await vi.waitFor(() => expect(receiver.read().answered).toEqual({ hang: 1 }));

    await receiver.stop();
    await expect(reply).rejects.toThrow('fetch failed');
  });
});

it("makes of each behaviour the outcome that it stands for, by the sample's destination", async () => {
  const folder = await createDestinationsFolder();
  await folder.write('destinations/webhook/sample', {
    url: receiver.url,
    repeats: 'all',
    reply: { field: 'errcode', success: 0, rejected: REFUSED_ERRCODE },
  });
  const tap = createConsoleTap();
  const stack = await startEmbeddedStack({ folder: folder.path, print: () => {}, log: () => {}, tap });
  const observations: Observation[] = [];
  const ended = new AbortController();
  void tap.follow((some) => observations.push(...some), ended.signal);
  const firstOutcome = (uid: string) => {
    const found = observations.find((each) => each.kind === 'delivery' && each.eventId.includes(`/${uid}/`));
    return found?.kind === 'delivery' ? [found.attempt.status, found.attempt.code] : undefined;
  };
  try {
    const outcomes: Record<string, unknown> = {};
    for (const behaviour of BEHAVIOURS) {
      receiver.set(behaviour);
      await ingest(stack, [kubeEvent(behaviour)]);
      if (behaviour === 'hang') {
        await vi.waitFor(() => expect(receiver.read().answered.hang).toBe(1), { timeout: 60_000 });
        receiver.set('ok');
      }
      await vi.waitFor(() => expect(firstOutcome(behaviour)).toBeDefined(), { timeout: 60_000 });
      outcomes[behaviour] = firstOutcome(behaviour);
    }

    expect(outcomes).toEqual({
      ok: ['delivered', undefined],
      throttle: ['retrying', 'http_429'],
      fail: ['retrying', 'http_500'],
      hang: ['delivered', undefined],
      'error-in-200': ['letter', 'refused'],
    });
  } finally {
    ended.abort();
    await stack.stop();
    await folder.remove();
  }
});
