import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { sampleEvent } from '../../../functions/core/contract/sample.ts';
import { hostileEvents } from '../../support/hostile-events.ts';
import { openDestination, type LiveDestination } from '../../support/live-destination.ts';
import { startPubsub, type PubsubFake, type PubsubTopic } from '../../support/vendors/pubsub.ts';

const place = { project: 'example-project', topic: 'events' };
const email = 'courier@example-project.iam.gserviceaccount.com';
const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });

const open: { fake: PubsubFake; destination: LiveDestination }[] = [];
afterEach(async () => {
  for (const { fake, destination } of open.splice(0)) {
    await destination.close();
    await fake.stop();
  }
});

function keyFile({ privateKey }: typeof keys, client: string): string {
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  return JSON.stringify({ type: 'service_account', client_email: client, private_key_id: 'k1', private_key: pem });
}

async function start(changed: Partial<PubsubTopic> = {}, options: object = {}, serviceAccount?: string) {
  const fake = await startPubsub({ ...place, ...changed });
  const destination = await openDestination('pubsub', {
    options: { ...place, endpoint: fake.url, ...options },
    ...(serviceAccount !== undefined && { secrets: { serviceAccount } }),
  });
  open.push({ fake, destination });
  return { fake, destination };
}

const publishers = { [email]: keys.publicKey };

it('is published with a token that the service account has signed', async () => {
  const { fake, destination } = await start({ publishers }, {}, keyFile(keys, email));

  expect(await destination.deliver([sampleEvent()])).toEqual([{ status: 'delivered' }]);
  expect(JSON.parse(fake.messages[0]?.data ?? '')).toMatchObject({ id: sampleEvent().id, reason: 'BackOff' });
});

it.each([
  ['the key of another', {}, keyFile(other, email), 'access_denied'],
  ['another account', {}, keyFile(keys, 'else@example.iam.gserviceaccount.com'), 'access_denied'],
  ['another topic', { topic: 'not-there' }, keyFile(keys, email), 'topic_not_found'],
])('is refused with %s', async (_, options, account, code) => {
  const { destination } = await start({ publishers }, options, account);

  expect(await destination.deliver([sampleEvent()])).toMatchObject([{ scope: 'destination', code }]);
});

it('is taken in as few requests as Pub/Sub lets it, in order, each event with its identity', async () => {
  const { fake, destination } = await start({}, { ordered: true });
  const events = Array.from({ length: 2500 }, (_, index) => sampleEvent({ metadata: { uid: `u${index}` } }));

  const outcomes = await destination.deliver(events);

  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['delivered']));
  expect(fake.requests()).toBe(3);
  expect(fake.messages.map(({ attributes }) => attributes['event-id'])).toEqual(events.map(({ id }) => id));
  expect(new Set(fake.messages.map(({ orderingKey }) => orderingKey))).toEqual(new Set(['prod/payments/Pod/api-7d9f']));
});

it('publishes what happens to different objects in requests of their own, each in order', async () => {
  const { fake, destination } = await start({}, { ordered: true });
  const events = Array.from({ length: 20 }, (_, index) =>
    sampleEvent({ metadata: { uid: `u${index}` }, involvedObject: { kind: 'Pod', name: `p${index % 2}` } }),
  );

  const outcomes = await destination.deliver(events);

  expect(outcomes).toEqual(events.map(() => ({ status: 'delivered' })));
  expect(fake.requests()).toBe(2);
  const even = events.filter((_, index) => index % 2 === 0);
  expect(fake.messages.slice(0, 10).map(({ attributes }) => attributes['event-id'])).toEqual(even.map(({ id }) => id));
});

it('is taken whatever an event holds', async () => {
  const { destination } = await start({}, { ordered: true });
  await fc.assert(
    fc.asyncProperty(hostileEvents(40), async (events) => {
      const outcomes = await destination.deliver(events);
      expect(outcomes.filter(({ status }) => status !== 'delivered')).toEqual([]);
    }),
    { numRuns: 250 },
  );
});
