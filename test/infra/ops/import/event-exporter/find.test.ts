import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { sampleKubeEvent } from '../../../../../functions/core/contract/sample.ts';
import { importText, input, routes } from '../importing.ts';

const CONFIG = 'route: {match: [{receiver: hook}]}\nreceivers: [{name: hook, webhook: {endpoint: "${HOOK}"}}]\n';
const HOOK = { env: [{ name: 'HOOK', value: 'https://hook.example.com/' }] };
const deployment = { kind: 'Deployment', spec: { template: { spec: { containers: [{ name: 'x', ...HOOK }] } } } };
const chart = {
  config: { route: { match: [{ receiver: 'hook' }] }, receivers: [{ name: 'hook', webhook: { endpoint: '${HOOK}' } }] },
};

describe('a configuration is found', () => {
  test.each([
    ['in a ConfigMap', [deployment, { kind: 'ConfigMap', data: { 'config.yaml': CONFIG } }]],
    ['in the data of a Secret', [deployment, { kind: 'Secret', data: { c: Buffer.from(CONFIG).toString('base64') } }]],
    ['in the stringData of a Secret', [deployment, { kind: 'Secret', stringData: { c: CONFIG } }]],
    ['in a List', [{ kind: 'List', items: [deployment, { kind: 'ConfigMap', data: { c: CONFIG } }] }]],
    ['in the values of a chart', [{ ...chart, extraEnvVars: HOOK.env }]],
    ['in the values of a release', [deployment, { kind: 'HelmRelease', spec: { values: chart } }]],
    [
      'in the values of an application',
      [deployment, { kind: 'Application', spec: { source: { helm: { values: stringify(chart) } } } }],
    ],
    ['beside the Deployment', [deployment, { ...chart.config }]],
  ])('%s', async (_, documents) => {
    const { read } = await importText(
      'kubernetes-event-exporter',
      documents.map((one) => stringify(one)).join('---\n'),
    );

    expect(await read('secrets/webhook/hook.json')).toEqual({ url: 'https://hook.example.com/' });
  });

  test('in the values that a user has', async () => {
    const { read, run } = await importText('kubernetes-event-exporter', await input('kee-helm-values.yaml'));

    expect(run.code).toBe(0);
    expect(await read('destinations/log/out.json')).toEqual({ repeats: 'first' });
  });

  test('not in what has routes of another kind', async () => {
    const { run } = await importText(
      'kubernetes-event-exporter',
      'spec: {http: [{route: [{destination: {host: a}}]}]}\n',
    );

    expect(run.code).toBe(1);
    expect(run.err.join('\n')).toContain('holds no route and no receivers');
  });
});

describe("an example of every kind, as the exporter's own", () => {
  test('is imported as a whole: what never holds there is named, and no more is sent here than there', async () => {
    const { run, dir, read, notes } = await importText('kubernetes-event-exporter', await input('kee-example.yaml'));

    expect(run.code).toBe(0);
    expect(run.out.map((line) => line.replace(/^.*\/out\//, ''))).toEqual([
      'destinations/elasticsearch/everything.json',
      'secrets/elasticsearch/everything.json',
      'destinations/opsgenie/on-call.json',
      'secrets/opsgenie/on-call.json',
      'destinations/slack/chat.json',
      'secrets/slack/chat.json',
      'destinations/webhook/hook.json',
      'secrets/webhook/hook.json',
      'destinations/firehose/stream.json',
    ]);
    // Neither drop rule ever holds, so that both events of a sandbox arrive.
    expect(await read('destinations/webhook/hook.json')).not.toHaveProperty('filter');
    const normal = { ...sampleKubeEvent, type: 'Normal', metadata: { name: 'a', uid: 'other', namespace: 'sandbox' } };
    expect(await routes(dir, [sampleKubeEvent, normal])).toEqual([
      ['elasticsearch/everything', 'firehose/stream', 'opsgenie/on-call', 'webhook/hook'],
      ['elasticsearch/everything', 'opsgenie/on-call', 'webhook/hook'],
    ]);
    expect(notes).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^not carried: route\.routes\[1\]\.drop\[0\]\.namespace: \*sandbox\* is not a valid regular expression.*where you meant \.\*sandbox\.\*/,
        ),
        expect.stringMatching(/^not carried: route\.routes\[1\]\.drop\[1\]\.apiVersion: \*alpha\* /),
        'not carried: receiver stream: firehose.deDot: names of labels stay as they are',
        'not carried: receiver queue: no route reaches it, so it gets nothing there either',
        'not carried: receiver hook: webhook.streamName: has no counterpart',
      ]),
    );
    expect(notes.join('\n')).not.toContain('refuse');
  });
});
