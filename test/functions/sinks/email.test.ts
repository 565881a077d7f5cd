import fc from 'fast-check';
import { parse, type DefaultTreeAdapterTypes } from 'parse5';
import { afterEach, describe, expect, it } from 'vitest';
import type { ClusterEvent, KubeEvent } from '../../../functions/core/contract/event.ts';
import { sampleEvent, sampleKubeEvent } from '../../../functions/core/contract/sample.ts';
import { mailOf, MAX_HTML_BYTES, MAX_SUBJECT, type Mail } from '../../../functions/sinks/email/message.ts';
import { chatOptions, numberedEvent } from '../../support/chat.ts';
import { hostileEvents } from '../../support/hostile-events.ts';
import { openDestination, type LiveDestination } from '../../support/live-destination.ts';
import { nodeLost, podEvent, tenPods } from '../../support/storms.ts';
import { startSes, type SesAccount, type SesFake } from '../../support/vendors/ses.ts';

const region = 'eu-west-1';
const options = { from: 'kube-courier@example.com', to: ['on-call@example.com'], region };

const open: { fake: SesFake; destination: LiveDestination }[] = [];
afterEach(async () => {
  for (const { fake, destination } of open.splice(0)) {
    await destination.close();
    await fake.stop();
  }
});

async function start(account: Partial<SesAccount> = {}, changed: object = {}) {
  const fake = await startSes({ region, verified: ['example.com'], ...account });
  const destination = await openDestination('email', { options: { endpoint: fake.url, ...options, ...changed } });
  open.push({ fake, destination });
  const deliver = (...events: readonly KubeEvent[]) => destination.deliver(events.map((fields) => sampleEvent(fields)));
  return { fake, deliver };
}

type Node = DefaultTreeAdapterTypes.ChildNode;

/** The elements of a mail, as a browser reads it. */
function elementsOf({ html }: Mail): readonly DefaultTreeAdapterTypes.Element[] {
  const within = (node: Node): readonly DefaultTreeAdapterTypes.Element[] =>
    'tagName' in node ? [node, ...node.childNodes.flatMap(within)] : [];
  return parse(html).childNodes.flatMap(within);
}

function shownBy({ html }: Mail): string {
  const text = (node: Node): string => {
    // A command is to be copied as it is.
    if (node.nodeName === 'pre') return '';
    if ('childNodes' in node) return node.childNodes.map(text).join(' ');
    return node.nodeName === '#text' && 'value' in node ? node.value : '';
  };
  return parse(html).childNodes.map(text).join(' ');
}

describe('against an account of Amazon SES', () => {
  it('is accepted with what a mail program needs to sort and thread it', async () => {
    const { fake, deliver } = await start();

    expect(await deliver({})).toEqual([{ status: 'delivered' }]);
    const [mail] = fake.mails;
    expect(mail?.to).toEqual(['on-call@example.com']);
    expect(mail?.headers.get('List-Id')).toBe('<prod.kube-courier.invalid>');
    expect(mail?.headers.get('Auto-Submitted')).toBe('auto-generated');
    expect(mail?.headers.get('X-Kube-Courier-Severity')).toBe('warning');
  });

  it('is refused with what to do where sender, receiver or configuration set is not known', async () => {
    const codeOf = async (account: Partial<SesAccount>, changed: object) =>
      (await (await start(account, changed)).deliver({})).map((outcome) =>
        'code' in outcome ? outcome.code : outcome.status,
      );

    expect(await codeOf({ verified: ['other.example'] }, {})).toEqual(['sender_not_verified']);
    expect(await codeOf({ sandbox: true }, { to: ['someone@else.example'] })).toEqual(['sender_not_verified']);
    expect(await codeOf({}, { configurationSet: 'kc' })).toEqual(['configuration_set_not_found']);
    expect(await codeOf({ configurationSets: ['kc'] }, { configurationSet: 'kc' })).toEqual(['delivered']);
    expect(await codeOf({ region: 'us-east-1' }, {})).toEqual(['not_allowed']);
  });
});

describe('a thread', () => {
  const headerOf = (events: readonly ClusterEvent[], name: string) =>
    mailOf(events, chatOptions).headers.find(({ Name }) => Name === name)?.Value;
  const pods = [0, 1].map((index) => podEvent(index, 'checkout-6c9f7d5b8', { reason: 'Failed', message: 'no' }));

  it('is one for all pods of an owner and a reason, with one subject, whether they come alone or together', () => {
    const mails = [pods, pods.slice(0, 1), pods.slice(1), tenPods].map((events) => ({
      subject: mailOf(events, chatOptions).subject,
      references: headerOf(events, 'References'),
    }));

    expect(new Set(mails.map((mail) => JSON.stringify(mail))).size).toBe(1);
    expect(mails[0]?.subject).toBe('🟠 [prod] Failed · Deployment shop/checkout');
  });

  it('is another for another reason, owner or cluster, and none for a digest', () => {
    const [pod] = pods;
    const others = [{ reason: 'Evicted' }, { cluster: 'staging' }].map((changed) => {
      const event = pod ?? sampleEvent();
      return { ...event, ...changed };
    });
    const references = [...pods.slice(0, 1), ...others, numberedEvent(1)].map((event) =>
      headerOf([event], 'References'),
    );

    expect(new Set(references).size).toBe(4);
    expect(headerOf(nodeLost, 'References')).toBeUndefined();
  });
});

describe('a mail', () => {
  it('shows a storm whole, where a chat would have to leave out most of it', () => {
    const events = Array.from({ length: 100 }, (_, index) =>
      numberedEvent(index, { involvedObject: { ...sampleKubeEvent.involvedObject, name: `service${index}` } }),
    );
    const mail = mailOf(events, chatOptions);

    expect(new Set(shownBy(mail).match(/service\d+/g)).size).toBe(100);
    expect(Buffer.byteLength(mail.html)).toBeLessThanOrEqual(MAX_HTML_BYTES);
  });

  it('has links to where the options lead, and to nowhere else', () => {
    const links = { Logs: 'https://logs.example.com/?a=1&pod=${ event.object.name }' };
    const message = 'see https://evil.example/ or <a href="https://evil.example">www.evil.example</a>';
    const mail = mailOf([sampleEvent({ message })], { ...chatOptions, links });

    const targets = elementsOf(mail).flatMap(({ attrs }) => attrs.filter(({ name }) => name === 'href'));
    expect(targets.map(({ value }) => value)).toEqual(['https://logs.example.com/?a=1&pod=api-7d9f']);
    expect(shownBy(mail)).not.toMatch(/https?:\/\/evil|www\.evil/);
  });

  it('holds no element, attribute or link that an event has put there, and is never refused', async () => {
    let clock = 0;
    const fake = await startSes({ region, verified: ['example.com'], now: () => (clock += 1000) });
    const destination = await openDestination('email', { options: { endpoint: fake.url, ...options } });
    open.push({ fake, destination });
    const allowed = /^(html|head|meta|body|table|tbody|tr|td|th|h1|h2|p|br|pre|div|blockquote)$/;
    await fc.assert(
      fc.asyncProperty(hostileEvents(60), async (events) => {
        const mail = mailOf(events, chatOptions);
        for (const { tagName, attrs } of elementsOf(mail)) {
          expect(tagName).toMatch(allowed);
          for (const { name } of attrs)
            expect(name).toMatch(/^(style|lang|charset|role|width|cellpadding|cellspacing|align)$/);
        }
        expect(shownBy(mail)).not.toMatch(/\w:\/\/|www\./i);
        expect(mail.text.replaceAll(/\$ kubectl .*/g, '')).not.toMatch(/\w:\/\/|www\./i);
        expect(mail.subject.length).toBeLessThanOrEqual(MAX_SUBJECT);
        expect(Buffer.byteLength(mail.html)).toBeLessThanOrEqual(MAX_HTML_BYTES);
        const outcomes = await destination.deliver(events);
        expect(outcomes.filter(({ status }) => status !== 'delivered')).toEqual([]);
      }),
      { numRuns: 250 },
    );
  });
});
