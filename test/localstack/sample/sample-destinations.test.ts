import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { createSampleDestinations, type SampleDestinations } from '../../../localstack/sample/sample-destinations.ts';

let sample: SampleDestinations | undefined;
const told: string[] = [];
const replayed: string[] = [];

afterEach(async () => {
  await sample?.stop();
  sample = undefined;
  told.length = 0;
  replayed.length = 0;
});

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
    const { status } = await fetch(url, { method: 'POST', headers: { 'webhook-id': id }, body });
    return status;
  };
}

const NEVER_MS = 3_600_000;

test('fails at first, then takes what had failed and says so', async () => {
  const send = await create(NEVER_MS);

  expect([await send('a', 'BackOff'), await send('b', 'BackOff'), await send('c', 'BackOff')]).toEqual([503, 503, 503]);
  expect(await send('a', 'BackOff')).toBe(200);
  expect(told.at(-1)).toBe('sample: webhook/sample took BackOff of Pod/api, which had failed');
});

test('refuses one kind of event until it is repaired, and then replays', async () => {
  const send = await create(1);
  for (const id of ['a', 'b', 'c']) await send(id, 'BackOff');

  expect(await send('d', 'FailedScheduling')).toBe(422);
  await vi.waitFor(() => expect(replayed).toEqual(['webhook']));

  expect(await send('d', 'FailedScheduling')).toBe(200);
});
