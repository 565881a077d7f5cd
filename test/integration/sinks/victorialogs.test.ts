import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleContext, sampleEventIn } from '../../../functions/core/contract/sample.ts';
import { openDestination } from '../../support/live-destination.ts';
import { startDatadogFront } from '../../support/services/datadog-front.ts';
import { requireService } from '../../support/services/service.ts';
import { startVictorialogs, victorialogs, type VictorialogsService } from '../../support/services/victorialogs.ts';

const message = 'Back-off "restarting" \\ failed,\ncontainer 🔥 漢字';

describe.runIf(requireService(victorialogs))('VictoriaLogs', () => {
  let service: VictorialogsService;
  beforeAll(async () => {
    service = await startVictorialogs();
  });
  afterAll(() => service?.stop());

  it('understands what the datadog sink sends: text, instant, tags, attributes, and the event under k8s_event', async () => {
    const front = await startDatadogFront(service.url);
    await deliver('datadog', { options: { endpoint: front.url }, secrets: { apiKey: 'key-of-the-test-0001' } });
    await front.stop();
    const found = (await service.rows()).find((row) => row['ddsource'] === 'kubernetes');

    expect(found).toMatchObject({
      _msg: message,
      _time: '2026-11-23T07:59:30.125Z',
      service: 'kubernetes',
      status: 'warn',
      hostname: 'node-1',
      event_id: 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467',
      kube_cluster_name: 'prod',
      kube_namespace: 'payments',
      kube_kind: 'pod',
      kube_deployment: 'api',
      event_reason: 'backoff',
    });
    expect(JSON.parse(found?.['k8s_event'] ?? '')).toMatchObject({
      object: { name: 'api-7d9f', labels: { app: 'api' } },
      owner: { kind: 'Deployment', name: 'api' },
    });
  });

  it('understands what the splunk sink sends: instant, host, source, index, indexed fields and the event', async () => {
    const options = { endpoint: `${service.url}/insert/splunk`, index: 'kubernetes' };
    await deliver('splunk', { options, secrets: { token: 'b80594d5-6bb0-4dd1-8f2b-0000000test1' } });
    const found = (await service.rows()).find((row) => row['index'] === 'kubernetes');

    expect(found).toMatchObject({
      _msg: message,
      _time: '2026-11-23T07:59:30.125Z',
      host: 'node-1',
      source: 'kube-courier',
      sourcetype: 'kube:events',
      'fields.cluster_name': 'prod',
      'fields.namespace': 'payments',
      'fields.severity': 'warning',
      'fields.owner_name': 'api',
      'fields.event_id': 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467',
      'event.id': 'prod/5a0c6d1e-7f3b-4c1e-9d54-0f1f0f3c2a11/184467',
      'event.object.name': 'api-7d9f',
      'event.object.labels.app': 'api',
    });
  });
});

async function deliver(type: string, documents: Parameters<typeof openDestination>[1]): Promise<void> {
  const destination = await openDestination(type, documents);
  const event = sampleEventIn(sampleContext, { message, lastTimestamp: '2026-11-23T07:59:30.125Z' });
  const outcomes = await destination.deliver([event], { now: new Date('2026-11-23T08:00:00Z') });
  await destination.close();
  expect(outcomes).toEqual([{ status: 'delivered' }]);
}
