import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { recordOf } from '../../../functions/core/contract/untrusted.ts';
import { createSampleDestinations, type SampleStory } from '../../../localstack/sample/sample-destinations.ts';

let sample: SampleStory | undefined;
const told: string[] = [];
const replayed: string[] = [];

afterEach(async () => {
  await sample?.stop();
  sample = undefined;
  told.length = 0;
  replayed.length = 0;
});

/** Resolves to what sends a request, and resolves to the status and, inside a 200, the errcode if it is an error. */
async function create(repairAfterMs: number): Promise<(id: string, reason: string) => Promise<number>> {
  sample = await createSampleDestinations(
    (line) => told.push(line),
    async (type) => replayed.push(type),
    repairAfterMs,
  );
  const { url }: { readonly url: string } = JSON.parse(
    await readFile(join(sample.folder, 'destinations/webhook/sample.json'), 'utf8'),
  );
  return async (id, reason) => {
    const body = JSON.stringify({ reason, place: 'Pod/api' });
    const reply = await fetch(url, { method: 'POST', headers: { 'webhook-id': id }, body });
    const { errcode } = recordOf(await reply.json());
    return typeof errcode === 'number' && errcode > 0 ? errcode : reply.status;
  };
}

const NEVER_MS = 3_600_000;

test('fails at first, then takes what had failed and says so', async () => {
  const send = await create(NEVER_MS);

  expect([await send('a', 'BackOff'), await send('b', 'BackOff'), await send('c', 'BackOff')]).toEqual([500, 500, 500]);
  expect(await send('a', 'BackOff')).toBe(200);
  expect(told.at(-1)).toBe('sample: webhook/sample took BackOff of Pod/api, which had failed');
});

test('refuses one kind of event until it is repaired, and then replays', async () => {
  const send = await create(1);
  for (const id of ['a', 'b', 'c']) await send(id, 'BackOff');

  expect(await send('d', 'FailedScheduling')).toBe(310_000);
  await vi.waitFor(() => expect(replayed).toEqual(['webhook']));

  expect(await send('d', 'FailedScheduling')).toBe(200);
});

test('is repaired by nobody once somebody has set the receiver', async () => {
  const send = await create(1);
  for (const id of ['a', 'b', 'c']) await send(id, 'BackOff');
  sample?.receiver.set('error-in-200');

  expect([await send('d', 'BackOff'), await send('e', 'FailedScheduling')]).toEqual([310_000, 310_000]);
  sample?.receiver.set('ok');
  expect([await send('e', 'FailedScheduling'), replayed]).toEqual([200, []]);
});
