import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { sampleEvent, sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import { recordOf } from '../../../functions/core/contract/untrusted.ts';
import { outcomesOf } from '../../../functions/sinks/splunk/reply.ts';
import { hostileEvents } from '../../support/hostile-events.ts';
import { openDestination, type LiveDestination } from '../../support/live-destination.ts';
import { startSplunk, type SplunkFake, type SplunkToken } from '../../support/vendors/splunk.ts';

const token = 'b80594d5-6bb0-4dd1-8f2b-0123456789ab';
const open: { fake: SplunkFake; destination: LiveDestination }[] = [];
afterEach(async () => {
  for (const { fake, destination } of open.splice(0)) {
    await destination.close();
    await fake.stop();
  }
});

async function start(changed: Partial<SplunkToken> = {}, options: object = {}, given = token) {
  const fake = await startSplunk({ token, indexes: ['kubernetes'], ...changed });
  const destination = await openDestination('splunk', {
    options: { endpoint: fake.url, ...options },
    secrets: { token: given },
  });
  open.push({ fake, destination });
  return { fake, destination };
}

it.each([
  ['another token', {}, {}, 'other-token-0000', 'token_refused'],
  ["an index that is not the token's", {}, { index: 'other' }, token, 'settings_refused'],
  ['no channel where the token wants one', { wantsChannel: true }, {}, token, 'settings_refused'],
])('is refused with %s', async (_, changed, options, given, code) => {
  const { destination } = await start(changed, options, given);

  expect(await destination.deliver([sampleEvent()])).toMatchObject([{ scope: 'destination', code }]);
});

it.each([
  [413, 27, { status: 'split', code: 'http_413' }],
  [404, 404, { status: 'rejected', scope: 'destination', code: 'http_404' }],
  [503, 99, { status: 'retry', code: 'http_503' }],
  [200, 99, { status: 'retry', code: 'unexpected_reply' }],
])('goes by the status %i where the code %i is none that is known', (status, code, outcome) => {
  const body = JSON.stringify({ text: 'said', code });

  expect(outcomesOf({ status, headers: {}, body }, 2, new Date(0))).toMatchObject(outcome);
});

it('is accepted with a channel where the token wants one', async () => {
  const { destination } = await start({ wantsChannel: true }, { channel: '0aeeac95-ac74-4aa9-b30d-6c4c0ac581ba' });

  expect(await destination.deliver([sampleEvent()])).toEqual([{ status: 'delivered' }]);
});

it('keeps the Event as the API server gives it where that is asked for', async () => {
  const { fake, destination } = await start({}, { format: 'raw' });
  await destination.deliver([sampleEvent()]);

  expect(fake.entries[0]?.['event']).toEqual(sampleKubeEvent);
});

it('stores every event once, whichever of them Splunk refuses', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }), async (refusals) => {
      const isRefused = (entry: Readonly<Record<string, unknown>>): boolean =>
        recordOf(entry['event'])['message'] === 'refused';
      const { fake, destination } = await start({ isRefused });
      let waiting = refusals.map((refused, index) =>
        sampleEvent({ metadata: { uid: `u${index}` }, message: refused ? 'refused' : 'taken' }),
      );
      const rejected: string[] = [];
      while (waiting.length > 0) {
        const outcomes = await destination.deliver(waiting);
        rejected.push(
          ...waiting.filter((_, index) => outcomes[index]?.status === 'rejected').map(({ message }) => message),
        );
        waiting = waiting.filter((_, index) => outcomes[index]?.status === 'retry');
      }
      const stored = fake.entries.map((entry) => recordOf(entry['event'])['uid']);
      expect(stored).toHaveLength(refusals.filter((refused) => !refused).length);
      expect(new Set(stored).size).toBe(stored.length);
      expect(rejected).toEqual(refusals.filter(Boolean).map(() => 'refused'));
    }),
    { numRuns: 20 },
  );
});

it('is taken whatever an event holds', async () => {
  const { destination } = await start();
  await fc.assert(
    fc.asyncProperty(hostileEvents(40), async (events) => {
      const outcomes = await destination.deliver(events);
      expect(outcomes.filter(({ status }) => status !== 'delivered')).toEqual([]);
    }),
    { numRuns: 250 },
  );
});
