import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterEvent } from '../../../functions/core/contract/event.ts';
import { sampleEvent } from '../../../functions/core/contract/sample.ts';
import { openDestination } from '../../support/live-destination.ts';
import { pubsub, startPubsub, type PubsubService } from '../../support/services/pubsub.ts';
import { requireService } from '../../support/services/service.ts';

const EVENTS = 1000;
const REPEATS = 400;
const project = 'example-project';

describe.runIf(requireService(pubsub))("the pubsub sink and Google's emulator", () => {
  let service: PubsubService;
  beforeAll(async () => {
    service = await startPubsub();
  });
  afterAll(() => service?.stop());

  async function deliver(topic: string, events: readonly ClusterEvent[], others: object = {}) {
    const options = { project, topic, endpoint: service.url, ...others };
    const destination = await openDestination('pubsub', { options });
    const outcomes = await destination.deliver(events);
    await destination.close();
    return outcomes;
  }

  it(`holds ${EVENTS} identities after ${EVENTS} events and ${REPEATS} repeats, each with its document and attributes`, async () => {
    const pull = await service.createTopic(project, 'plain');
    const message = 'quotes "\' \\ \0 and 🔥 漢字 \u202E lone \uD800';
    const events = Array.from({ length: EVENTS }, (_, n) => sampleEvent({ metadata: { uid: `uid-${n}` }, message }));
    const outcomes = await deliver('plain', [...events, ...events.slice(300, 300 + REPEATS)]);

    expect(new Set(outcomes)).toEqual(new Set([{ status: 'delivered' }]));
    await expect.poll(pull).toHaveLength(EVENTS + REPEATS);
    const messages = await pull();
    const ids = new Set(events.map(({ id }) => id));
    expect(new Set(messages.map(({ attributes }) => attributes['event-id']))).toEqual(ids);
    expect(new Set(messages.map(({ text }) => JSON.parse(text).id))).toEqual(ids);
    expect(JSON.parse(messages[0]?.text ?? '').message).toBe(message.toWellFormed());
    expect(messages[0]?.attributes).toMatchObject({ cluster: 'prod', kind: 'Pod', reason: 'BackOff', type: 'Warning' });
  });

  it('keeps the order of what happens to one object, where the option says so', async () => {
    const pull = await service.createTopic(project, 'ordered');
    const events = Array.from({ length: 300 }, (_, n) =>
      sampleEvent({ metadata: { uid: `uid-${n}` }, involvedObject: { kind: 'Pod', name: `pod-${n % 3}` } }),
    );
    await deliver('ordered', events, { ordered: true });
    await expect.poll(pull).toHaveLength(events.length);
    const found = (await pull()).map(({ attributes }) => attributes);

    for (const name of ['pod-0', 'pod-1', 'pod-2']) {
      const expected = events.filter(({ object }) => object.name === name).map(({ id }) => id);
      const inOrder = found.filter((attributes) => attributes['name'] === name).map((each) => each['event-id']);
      expect(inOrder).toEqual(expected);
    }
  });

  it('rejects the destination where the topic does not exist', async () => {
    expect(await deliver('nowhere', [sampleEvent()])).toMatchObject([
      { status: 'rejected', scope: 'destination', code: 'topic_not_found' },
    ]);
  });
});
