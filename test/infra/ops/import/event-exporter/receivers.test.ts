import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { sampleKubeEvent } from '../../../../../functions/core/contract/sample.ts';
import { ops } from '../../run.ts';
import { importText, input, type ImportedFolder } from '../importing.ts';

/** A configuration whose one route reaches these receivers. */
function importReceivers(receivers: Readonly<Record<string, object>>): Promise<ImportedFolder> {
  return importText(
    'kubernetes-event-exporter',
    stringify({
      route: { match: Object.keys(receivers).map((receiver) => ({ receiver })) },
      receivers: Object.entries(receivers).map(([name, sink]) => ({ name, ...sink })),
    }),
  );
}

const labelled = {
  ...sampleKubeEvent,
  message: 'Back-off restarting "api"',
  involvedObject: { ...sampleKubeEvent.involvedObject, labels: { app: 'api', 'app.kubernetes.io/part-of': 'shop' } },
};

describe('the receivers of an input', () => {
  test('log in to Kafka with the mechanism that they name', async () => {
    const { read, run } = await importText('kubernetes-event-exporter', await input('kee-receivers.yaml'));

    expect(run.code).toBe(0);
    expect(await read('destinations/kafka/sha256.json')).toMatchObject({ auth: 'scram-sha-256', username: 'writer' });
    expect(await read('destinations/kafka/sha512.json')).toMatchObject({ auth: 'scram-sha-512', username: 'writer' });
    expect(await read('secrets/kafka/sha512.json')).toEqual({ password: 'not-a-password' });
  });

  test('send the event, an object and its labels as JSON inside a text', async () => {
    const { bodyOf } = await importText('kubernetes-event-exporter', await input('kee-receivers.yaml'));

    const body = await bodyOf('webhook/whole', labelled);
    expect(body).toEqual({
      dot: JSON.stringify(labelled),
      json: JSON.stringify(labelled),
      object: JSON.stringify(labelled.involvedObject),
      labels: JSON.stringify(labelled.involvedObject.labels),
    });
  });

  test('cut a text at its beginning and at its end', async () => {
    const { bodyOf } = await importText('kubernetes-event-exporter', await input('kee-receivers.yaml'));

    expect(await bodyOf('webhook/tail', labelled)).toEqual({ head: 'Back-off', tail: 'ng "api"' });
    expect(await bodyOf('webhook/tail', { ...labelled, message: 'short' })).toEqual({ head: 'short', tail: 'short' });
  });

  test('become the log sink where they write to a stream of the process', async () => {
    const { read } = await importText('kubernetes-event-exporter', await input('kee-receivers.yaml'));

    expect(await read('destinations/log/printed.json')).toEqual({ repeats: 'first' });
    expect(await read('destinations/log/piped.json')).toEqual({ repeats: 'first' });
  });

  test('say what becomes of one document per event, where the index has a date', async () => {
    const { read, notes } = await importText('kubernetes-event-exporter', await input('kee-receivers.yaml'));

    expect(await read('destinations/elasticsearch/updated.json')).toMatchObject({ mode: 'daily', index: 'events' });
    expect(notes).toContainEqual(expect.stringMatching(/^changed: receiver updated: opensearch\.useEventID: .*latest/));
    expect(notes).toContainEqual(expect.stringMatching(/^not carried: .*indexFormat: .*not events-\{2006\.01\}/));
  });
});

describe('a login to Kafka', () => {
  const kafka = (sasl: object): object => ({
    kafka: { brokers: ['a:9092'], topic: 't', sasl: { enable: true, username: 'u', password: 'p', ...sasl } },
  });

  test.each([
    [{}, 'plain'],
    [{ mechanism: '' }, 'plain'],
    [{ mechanism: 'plain' }, 'plain'],
    [{ mechanism: 'SCRAM-SHA-512' }, 'scram-sha-512'],
  ])('by %j is %s', async (sasl, auth) => {
    const { read } = await importReceivers({ k: kafka(sasl) });

    expect(await read('destinations/kafka/k.json')).toMatchObject({ auth });
  });

  test('by a mechanism that is none is refused with those there are', async () => {
    const { run, notes } = await importReceivers({ k: kafka({ mechanism: 'gssapi' }) });

    expect(run.code).toBe(1);
    expect(notes).toContain('refuse: receiver k: kafka.sasl.mechanism: is none of plain, sha256, sha512');
  });

  test('and TLS that are not enabled have no effect, and their files are not asked for', async () => {
    const { read, notes } = await importReceivers({
      k: {
        kafka: {
          brokers: ['a:9092'],
          topic: 't',
          sasl: { username: 'u' },
          tls: { enable: false, caFile: '/ca.pem' },
        },
      },
    });

    expect(await read('destinations/kafka/k.json')).not.toHaveProperty('auth');
    expect(await read('destinations/kafka/k.json')).not.toHaveProperty('tls');
    expect(notes.filter((note) => note.includes('enable is not true'))).toHaveLength(2);
    expect(notes.join('\n')).not.toContain('fill in');
  });
});

describe('an option that is not carried', () => {
  test('is named wherever it stands, with what a misspelt one may have meant', async () => {
    const { notes } = await importReceivers({
      k: {
        kafka: {
          brokers: ['a:9092'],
          topic: 't',
          avro: { schemaID: '1' },
          sasl: { enable: true, username: 'u', passsord: 'p' },
          tls: { enable: true, serverName: 'kafka' },
        },
      },
      w: { webhook: { endpoint: 'https://hooks.example.com/', streamName: 'x', tls: { certFile: '/c.pem' } } },
      e: { elasticsearch: { hosts: 'https://a:9200', useEventID: 'yes', retries: 3, tls: { serverName: 'es' } } },
    });

    expect(notes).toEqual(
      expect.arrayContaining([
        'not carried: receiver k: kafka.avro: has no counterpart',
        'not carried: receiver k: kafka.sasl.passsord: has no counterpart (did you mean password?)',
        'not carried: receiver k: kafka.tls.serverName: has no counterpart',
        'not carried: receiver w: webhook.streamName: has no counterpart',
        'not carried: receiver w: webhook.tls.certFile: has no counterpart',
        'not carried: receiver e: elasticsearch.retries: has no counterpart',
        'not carried: receiver e: elasticsearch.tls.serverName: has no counterpart',
        'not carried: receiver e: elasticsearch.useEventID: is neither true nor false: taken as false',
        'note: receiver e: elasticsearch.hosts: is no list: taken as a list of one',
      ]),
    );
  });

  test('may be a number, and is named where it is of another form', async () => {
    const { read, notes } = await importReceivers({
      e: {
        elasticsearch: {
          hosts: ['https://a:9200'],
          index: 'i',
          username: 7,
          password: 8,
          headers: ['X-A: b'],
          tls: 'on',
          type: { a: 1 },
        },
      },
      w: { webhook: { endpoint: { url: 'x' } } },
    });

    expect(await read('destinations/elasticsearch/e.json')).toMatchObject({ username: '7' });
    expect(await read('secrets/elasticsearch/e.json')).toEqual({ password: '8' });
    expect(notes).toEqual(
      expect.arrayContaining([
        'not carried: receiver e: elasticsearch.headers: is no mapping',
        'not carried: receiver e: elasticsearch.tls: is no mapping',
        'not carried: receiver w: webhook.endpoint: is no text',
      ]),
    );
  });

  test('is passed over in silence where it asks for nothing', async () => {
    const { notes } = await importReceivers({
      e: {
        elasticsearch: { hosts: ['https://a:9200'], index: 'i', layout: null, apiKey: null, deDot: false, tls: null },
      },
    });

    expect(notes.join('\n')).not.toMatch(/layout|apiKey|deDot|tls/);
  });

  test('is a file of the pod, unlike a stream of the process', async () => {
    const { run, notes } = await importReceivers({
      a: { file: { path: '/tmp/events', maxsize: 10 } },
      b: { pipe: { path: '/proc/1/fd/1', layout: { m: '{{ .Message }}' } } },
    });

    expect(run.out.map((line) => line.replace(/^.*\/out\//, ''))).toEqual(['destinations/log/b.json']);
    expect(notes).toContainEqual(expect.stringMatching(/^not carried: receiver a: file\.path: is a file of the pod/));
    expect(notes).toContainEqual(expect.stringMatching(/^not carried: receiver b: pipe\.layout: /));
  });
});

describe('a layout', () => {
  test('says where it needs what the exporter looked up', async () => {
    const layout = {
      app: '{{ .InvolvedObject.Labels.app }}',
      all: '{{ toJson .InvolvedObject.Annotations }}',
      owner: '{{ (index .InvolvedObject.OwnerReferences 0).Kind }}',
    };
    const { notes } = await importReceivers({ w: { webhook: { endpoint: 'https://hooks.example.com/', layout } } });

    for (const field of ['body.app', 'body.all']) {
      const note = `^note: .*/webhook/w\\.json: ${field} needs a relay with --enrich labels`;
      expect(notes).toContainEqual(expect.stringMatching(new RegExp(note)));
    }
    expect(notes).toContainEqual(
      expect.stringMatching(/^changed: receiver w: webhook\.layout\.owner: .* the topmost controller/),
    );
  });

  test('keeps numbers and truth values, for which the exporter sends null, and says so', async () => {
    const { bodyOf, notes } = await importReceivers({
      w: { webhook: { endpoint: 'https://hooks.example.com/', layout: { text: '{{ .Reason }}', color: 3 } } },
    });

    expect(await bodyOf('webhook/w')).toEqual({ text: 'BackOff', color: 3 });
    expect(notes).toContain(
      'changed: receiver w: webhook.layout.color: the exporter sends null for what is no text, here it is 3',
    );
  });

  test('may hold what Loki wants: times in milliseconds and nanoseconds', async () => {
    const { bodyOf } = await importReceivers({
      loki: {
        webhook: {
          endpoint: 'https://loki.example.com/loki/api/v1/push',
          layout: {
            streams: [
              {
                stream: { kind: '{{ .InvolvedObject.Kind }}' },
                values: [
                  ['{{ .GetTimestampMs }}000000', '{{ .Message }}'],
                  ['{{ .LastTimestamp.UnixNano }}', '{{ .GetTimestampISO8601 }} {{ .Source }}'],
                ],
              },
            ],
          },
        },
      },
    });

    expect(await bodyOf('webhook/loki')).toEqual({
      streams: [
        {
          stream: { kind: 'Pod' },
          values: [
            ['1795420500000000000', 'Back-off restarting failed container api'],
            ['1795420770000000000', '2026-11-23T07:55:00.000Z {"component":"kubelet","host":"node-1"}'],
          ],
        },
      ],
    });
  });
});

describe('a webhook to a robot', () => {
  test('without a filter is pointed out like any chat', async () => {
    const slack = { webhook: { endpoint: 'https://hooks.slack.com/services/T0/B0/X', layout: { text: 'a' } } };
    const { notes } = await importReceivers({ slack, other: { webhook: { endpoint: 'https://hooks.example.com/' } } });

    const advice = notes.filter((note) => note.includes('filter is not given'));
    expect(advice).toEqual([expect.stringContaining('destinations/webhook/slack.json')]);
  });

  test('whose address is signed for each request asks for the secret that signs', async () => {
    const { read, notes } = await importReceivers({
      ding: {
        webhook: { endpoint: 'https://oapi.dingtalk.com/robot/send?access_token=t&timestamp=1&sign=x' },
      },
    });

    expect(await read('secrets/dingtalk/ding.json')).toEqual({ accessToken: 't', signSecret: 'REPLACE_ME' });
    expect(notes).toContainEqual(
      expect.stringMatching(/^fill in: .*computed for each request.*signSecret under secrets/),
    );
  });
});

test('what is imported validates', async () => {
  const { dir } = await importText('kubernetes-event-exporter', await input('kee-receivers.yaml'));

  expect((await ops(['validate', '--folder', `${dir}/out`])).out).toEqual([]);
});

test('receivers of Loki become destinations of it, with their labels, tenant, login and line', async () => {
  const { read, run, dir } = await importReceivers({
    l: {
      loki: {
        url: 'https://loki.example.com/loki/api/v1/push',
        streamLabels: { app: 'events', cluster: 'prod', reason: 'x' },
        headers: {
          'X-Scope-OrgID': 'platform',
          Authorization: `Basic ${Buffer.from('courier:not:a:password').toString('base64')}`,
          'X-Cluster': 'prod',
        },
        layout: { why: '{{ .Reason }}' },
        tls: { insecureSkipVerify: true },
      },
    },
    whole: { loki: { url: 'http://loki:3100', headers: { authorization: 'Bearer not-a-token' } } },
  });

  expect(run.code).toBe(0);
  expect(await read('destinations/loki/l.json')).toMatchObject({
    endpoint: 'https://loki.example.com/loki/api/v1/push',
    labels: { app: 'events' },
    tenant: 'platform',
    username: 'courier',
    line: { why: '${ event.reason }' },
    tls: { insecure: true },
  });
  expect(await read('secrets/loki/l.json')).toEqual({ password: 'not:a:password' });
  expect(await read('destinations/loki/whole.json')).toMatchObject({ line: '${ event.raw }' });
  expect(await read('secrets/loki/whole.json')).toEqual({ bearerToken: 'not-a-token' });
  expect(run.err).toEqual(
    expect.arrayContaining([
      'not carried: receiver l: loki.streamLabels.cluster: is a label that the sink gives itself',
      'not carried: receiver l: loki.streamLabels.reason: is a label of the event here: see the option eventLabels',
      'not carried: receiver l: loki.headers.X-Cluster: the sink sends no headers of its own but the tenant and a login',
    ]),
  );
  expect((await ops(['validate', '--folder', `${dir}/out`])).code).toBe(0);
});
