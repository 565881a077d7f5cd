import axios from 'axios';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterEvent, KubeEvent } from '../../../functions/core/contract/event.ts';
import { sampleEvent } from '../../../functions/core/contract/sample.ts';
import { hostileEvent } from '../../support/hostile-events.ts';
import { openDestination, type LiveDestination } from '../../support/live-destination.ts';
import { alertmanager, startAlertmanager, type AlertmanagerService } from '../../support/services/alertmanager.ts';
import { requireService } from '../../support/services/service.ts';
import { podEvent, tenPods } from '../../support/storms.ts';
import { wellKnownEvents } from '../../support/well-known-events.ts';

const delivered = { status: 'delivered' };

describe.runIf(requireService(alertmanager))('the alertmanager sink on Alertmanager', () => {
  let server: AlertmanagerService;
  beforeAll(async () => {
    server = await startAlertmanager();
  });
  afterAll(() => server?.stop());

  const opened: LiveDestination[] = [];
  afterEach(async () => {
    for (const destination of opened.splice(0)) await destination.close();
  });

  /** A cluster of its own for each test, so that none sees the alerts of another. */
  async function open(options: object = {}): Promise<(events: readonly ClusterEvent[]) => Promise<readonly unknown[]>> {
    const destination = await openDestination('alertmanager', { options: { endpoint: server.url, ...options } });
    opened.push(destination);
    return (events) => destination.deliver(events);
  }

  const alertsOf = async (cluster: string) =>
    (await server.alerts()).filter(({ labels }) => labels['cluster'] === cluster);
  const of = (cluster: string, event: ClusterEvent): ClusterEvent => ({ ...event, cluster });
  const ago = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString();
  const node = (cluster: string, reason: string, seconds: number): ClusterEvent =>
    of(
      cluster,
      sampleEvent({
        involvedObject: { kind: 'Node', name: 'node-1' },
        type: 'Normal',
        reason,
        message: `Node node-1 status is now: ${reason}`,
        firstTimestamp: ago(seconds),
        lastTimestamp: ago(seconds),
      }),
    );

  it('has one alert for all pods of a Deployment, with its annotations, and repeats change nothing but its end', async () => {
    const deliver = await open({ resolveAfterMinutes: 30, links: { Logs: 'https://logs.example.com/' } });
    const pods = (seconds: number) =>
      tenPods.map((event) => ({ ...of('pods', event), firstSeen: ago(600), lastSeen: ago(seconds) }));

    expect(new Set(await deliver(pods(300)))).toEqual(new Set([delivered]));
    const [first, ...others] = await alertsOf('pods');
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      labels: { alertname: 'Failed', namespace: 'shop', kind: 'Deployment', name: 'checkout', severity: 'warning' },
      annotations: { summary: '[pods] Failed · Deployment shop/checkout: 10 pods' },
      generatorURL: 'https://logs.example.com/',
    });

    await deliver(pods(0));
    const [renewed, ...more] = await alertsOf('pods');
    expect(more).toEqual([]);
    expect(Date.parse(renewed?.endsAt ?? '') - Date.parse(first?.endsAt ?? '')).toBeCloseTo(300_000, -4);
    expect(renewed?.startsAt).toBe(first?.startsAt);
  });

  it('has none any more once an event has ended it, and one again when it comes back', async () => {
    const deliver = await open();

    await deliver([node('back', 'NodeNotReady', 60)]);
    expect(await alertsOf('back')).toMatchObject([{ labels: { alertname: 'NodeNotReady', name: 'node-1' } }]);
    await deliver([node('back', 'NodeReady', 30)]);
    expect(await alertsOf('back')).toEqual([]);
    await deliver([node('back', 'NodeNotReady', 0)]);
    expect(await alertsOf('back')).toHaveLength(1);
  });

  it('opens anew what was over, where it is sent again: why what one peer lacks is not sent to all again', async () => {
    const deliver = await open();

    await deliver([node('again', 'NodeNotReady', 60)]);
    await deliver([node('again', 'NodeReady', 30)]);
    expect(await alertsOf('again')).toEqual([]);
    await deliver([node('again', 'NodeNotReady', 60)]);
    expect(await alertsOf('again')).toHaveLength(1);
  });

  it('has none of what was over when it arrived', async () => {
    const deliver = await open({ resolveAfterMinutes: 1 });

    expect(await deliver([node('late', 'NodeNotReady', 90)])).toEqual([delivered]);
    expect(await alertsOf('late')).toEqual([]);
  });

  it('has none in either severity once the pod is scheduled', async () => {
    const deliver = await open();
    const pod = (reason: string, count: number, seconds: number) =>
      of(
        'scheduled',
        podEvent(1, 'checkout-6c9f7d5b8', {
          reason,
          count,
          firstTimestamp: ago(seconds),
          lastTimestamp: ago(seconds),
        }),
      );

    await deliver([pod('FailedScheduling', 1, 60)]);
    await deliver([pod('FailedScheduling', 10, 40)]);
    const severities = (await alertsOf('scheduled')).map(({ labels }) => labels['severity']);
    expect(new Set(severities)).toEqual(new Set(['warning', 'critical']));
    await deliver([pod('Scheduled', 1, 20)]);
    expect(await alertsOf('scheduled')).toEqual([]);
  });

  it('takes every well-known reason, and hostile texts as they are', async () => {
    const deliver = await open();

    expect(new Set(await deliver(wellKnownEvents))).toEqual(new Set([delivered]));
    const hostile = fc.sample(hostileEvent, { numRuns: 1000, seed: 20_261_127 });
    const events = hostile.map((fields: KubeEvent) => sampleEvent(fields));
    expect(new Set(await deliver(events))).toEqual(new Set([delivered]));
  });

  it('refuses what the sink never sends, in the ways of the imitation', async () => {
    const post = async (body: unknown, type = 'application/json'): Promise<number> => {
      const { status } = await axios.post(`${server.url}/api/v2/alerts`, JSON.stringify(body), {
        headers: { 'Content-Type': type },
        validateStatus: () => true,
        proxy: false,
      });
      return status;
    };
    const labels = { alertname: 'x' };

    expect(await post([{ labels }], 'text/plain')).toBe(415);
    expect(await post([{ labels: { alertname: 7 } }])).toBe(400);
    expect(await post([{ labels: {} }])).toBe(400);
    expect(await post([{ labels, startsAt: '2026-11-23T08:00:00Z', endsAt: '2026-11-23T07:00:00Z' }])).toBe(400);
    expect(await post([{ annotations: {} }])).toBe(422);
    expect(await post([{ labels, generatorURL: 'no url' }])).toBe(422);
  });
});
