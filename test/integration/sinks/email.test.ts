import axios from 'axios';
import { parse, type DefaultTreeAdapterTypes } from 'parse5';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { pack } from '../../../functions/core/contract/envelope.ts';
import { sampleEvent, sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import { mailOf } from '../../../functions/sinks/email/message.ts';
import { chatOptions } from '../../support/chat.ts';
import { createDestinationsFolder, kubeEvent } from '../../support/embedded.ts';
import { openDestination } from '../../support/live-destination.ts';
import { moto, startMoto, type MotoService } from '../../support/services/moto.ts';
import { requireService } from '../../support/services/service.ts';
import { giveCredentials } from '../../support/services/shared-localstack.ts';
import { sinkFunction, type Ends } from '../../support/sink-function.ts';
import { loadSink } from '../../support/sink-under-test.ts';
import { driveResting } from '../../support/sqs-model-drive.ts';
import { createSqsModel } from '../../support/sqs-model.ts';

const EVENTS = 150;
const region = 'eu-west-1';
const from = 'kube-courier@example.com';
const to = ['on-call@example.com', 'second@example.com'];

const kept = z.object({
  ses: z.object({
    Message: z.array(
      z.object({
        source: z.string(),
        destinations: z.object({ ToAddresses: z.array(z.string()) }),
        subject: z.string(),
        body: z.string(),
      }),
    ),
  }),
});

/** Moto keeps of a mail its sender, receivers, subject and HTML; SES makes the MIME of it, text and headers included. */
describe.runIf(requireService(moto))("the email sink and moto's SES", () => {
  let service: MotoService;
  beforeAll(async () => {
    giveCredentials();
    service = await startMoto();
    const headers = {
      'Content-Type': 'application/json',
      Authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/ses/aws4_request, SignedHeaders=host, Signature=0`,
    };
    const identity = JSON.stringify({ EmailIdentity: 'example.com' });
    await axios.post(`${service.url}/v2/email/identities`, identity, { headers, proxy: false });
  });
  afterAll(() => service?.stop());

  async function mails(): Promise<z.infer<typeof kept>['ses']['Message']> {
    return kept.parse((await axios.get(`${service.url}/moto-api/data.json`, { proxy: false })).data).ses.Message;
  }

  it('keeps a mail as it was rendered, to its receivers, whatever is in the event', async () => {
    const event = sampleEvent({ message: 'quotes "\' \\ \0 <b>&amp;\r\nSubject: x\n🔥 漢字 \u202E lone \uD800' });
    const destination = await openDestination('email', { options: { from, to, region, endpoint: service.url } });
    const outcomes = await destination.deliver([event]);
    await destination.close();

    expect(outcomes).toEqual([{ status: 'delivered' }]);
    const { subject, html } = mailOf([event], chatOptions);
    expect((await mails()).at(-1)).toEqual({ source: from, destinations: { ToAddresses: to }, subject, body: html });
  });

  it('is refused by it where the sender is not verified', async () => {
    const options = { from: 'someone@other.example', to, region, endpoint: service.url };
    const destination = await openDestination('email', { options });
    const outcomes = await destination.deliver([sampleEvent()]);
    await destination.close();

    expect(outcomes).toMatchObject([{ status: 'rejected', scope: 'destination', code: 'sender_not_verified' }]);
  });

  it(`shows each of ${EVENTS} objects in one mail or another, delivered by the handler from envelopes`, async () => {
    const before = (await mails()).length;
    const folder = await createDestinationsFolder();
    await folder.write('destinations/email/a', { from, to, region, endpoint: service.url, repeats: 'all' });
    const { sink } = await loadSink('email');
    const sqs = createSqsModel({ visibilitySeconds: 360, redrive: {} });
    const names = Array.from({ length: EVENTS }, (_, index) => `service-${index}-x`);
    const items = names.map((name) => {
      const event = kubeEvent(name, { involvedObject: { ...sampleKubeEvent.involvedObject, name } });
      return { item: JSON.stringify({ seenAt: '2026-11-23T08:00:00Z', change: 'added', event }) };
    });
    const envelopes = sink.config.runtime?.envelopeEvents;
    for (const { body } of pack({ cluster: 'prod', destination: 'email/a' }, items, envelopes)) sqs.put('own', body);
    const ends: Ends = new Map();
    const invoke = (sleep: (ms: number) => Promise<void>) =>
      sinkFunction(sink, sqs, { folder: folder.path, ends, sleep });
    await driveResting(sqs, { queue: 'own', batchSize: sink.config.runtime?.batchSize ?? 25, invoke });
    await folder.remove();

    expect(sqs.messages('dead').map(({ attributes }) => attributes)).toEqual([]);
    expect(Object.fromEntries(ends)).toEqual({ Delivered: EVENTS });
    const shown = (await mails()).slice(before).map(({ body }) => textIn(parse(body)));
    expect(names.filter((name) => !shown.some((text) => text.includes(name)))).toEqual([]);
  });
});

/** What a browser shows of it. */
function textIn(node: DefaultTreeAdapterTypes.Node): string {
  if ('childNodes' in node) return node.childNodes.map(textIn).join(' ');
  return node.nodeName === '#text' && 'value' in node ? node.value : '';
}
