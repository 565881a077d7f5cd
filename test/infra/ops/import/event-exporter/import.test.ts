import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { sampleKubeEvent } from '../../../../../functions/core/contract/sample.ts';
import type { KubeEvent } from '../../../../../functions/core/contract/event.ts';
import { folderOf, ops, remove, type Run } from '../../run.ts';
import { input } from '../importing.ts';
import { recordOf, textsOf } from '../../../../../functions/core/contract/untrusted.ts';

const folders: string[] = [];

afterEach(async () => {
  await Promise.all(folders.splice(0).map(remove));
});

async function importConfig(config: unknown): Promise<{ readonly run: Run; readonly dir: string }> {
  const dir = await folderOf({ 'config.yaml': typeof config === 'string' ? config : stringify(config) });
  folders.push(dir);
  const run = await ops(['import', 'kubernetes-event-exporter', `${dir}/config.yaml`, '--out', `${dir}/out`]);
  return { run, dir };
}

async function read(dir: string, file: string): Promise<unknown> {
  return JSON.parse(await readFile(join(dir, 'out', file), 'utf8'));
}

const stdout = (name: string): object => ({ name, stdout: {} });

interface Rule {
  readonly [field: string]: unknown;
  readonly receiver?: string;
}

interface Route {
  readonly drop?: readonly Rule[];
  readonly match?: readonly Rule[];
  readonly routes?: readonly Route[];
}

/** What kubernetes-event-exporter sends: the receivers in the order of its sends, written down from its documentation. */
function exporterSends(route: Route, event: KubeEvent): readonly string[] {
  if (route.drop?.some((rule) => holds(rule, event))) return [];
  const match = route.match ?? [];
  const own = match.flatMap((rule) => (rule.receiver !== undefined && holds(rule, event) ? [rule.receiver] : []));
  const nested = match.every((rule) => holds(rule, event)) ? (route.routes ?? []) : [];
  return [...own, ...nested.flatMap((inner) => exporterSends(inner, event))];
}

/** It never matches there. */
const INVALID = '*Back*';

function holds(rule: Rule, event: KubeEvent): boolean {
  const { receiver: _, labels, ...fields } = rule;
  const { type, reason, message } = event;
  const object = recordOf(event.involvedObject);
  const namespace = recordOf(event.metadata)['namespace'];
  const values = textsOf({ type, reason, message, namespace, kind: object['kind'] });
  const matches = (pattern: unknown, value: string | undefined): boolean =>
    value !== undefined && pattern !== INVALID && new RegExp(String(pattern)).test(value);
  const wanted = typeof labels === 'object' && labels !== null ? Object.entries(labels) : [];
  return (
    Object.entries(fields).every(([name, pattern]) => pattern === '' || matches(pattern, values[name] ?? '')) &&
    wanted.every(([key, pattern]) => matches(pattern, textsOf(object['labels'])[key]))
  );
}

const rule = (isDrop: boolean): fc.Arbitrary<Rule> =>
  fc.record(
    {
      type: fc.constantFrom('Warning', 'Normal', ''),
      reason: fc.constantFrom('Back', '^Failed', 'Failed|Back', 'Off$', INVALID),
      namespace: fc.constantFrom('kube', '^default$', 'prod-.*'),
      kind: fc.constantFrom('Pod', 'Node'),
      labels: fc.constantFrom({ app: '^api' }, { app: '' }, { app: 'web', tier: 'front' }),
      ...(!isDrop && { receiver: fc.constantFrom('a', 'b') }),
    },
    { requiredKeys: [] },
  );

const { route } = fc.letrec<{ route: Route }>((tie) => ({
  route: fc.record(
    {
      drop: fc.array(rule(true), { maxLength: 2 }),
      match: fc.array(rule(false), { maxLength: 3 }),
      routes: fc.array(tie('route'), { maxLength: 2, depthIdentifier: 'routes' }),
    },
    { requiredKeys: ['match'] },
  ),
}));

const events: readonly KubeEvent[] = ['Warning', 'Normal'].flatMap((type) =>
  ['BackOff', 'FailedMount', 'Pulled'].flatMap((reason) =>
    ['kube-system', 'default', 'prod-a'].flatMap((namespace) =>
      [{}, { app: 'api-1' }, { app: 'web', tier: 'front' }].map((labels, index) => ({
        ...sampleKubeEvent,
        metadata: { uid: [type, reason, namespace, index].join('-'), namespace, resourceVersion: '1' },
        involvedObject: { kind: index === 0 ? 'Node' : 'Pod', name: 'x', labels },
        type,
        reason,
      })),
    ),
  ),
);

describe('a route tree', () => {
  test('gives the same verdicts here, and never sends more often', async () => {
    await fc.assert(
      fc.asyncProperty(route, async (tree) => {
        const { run, dir } = await importConfig({ route: tree, receivers: [stdout('a'), stdout('b')] });
        const expected = events.map((event) => exporterSends(tree, event));
        const [first] = run.out;
        const routed =
          first === undefined
            ? events.map(() => [])
            : (
                await ops(['route', '--folder', `${dir}/out`, '--events', '-', '--json'], {
                  stdin: async () => JSON.stringify(events),
                })
              ).out.map((line): readonly string[] => JSON.parse(line).destinations);

        const receivers = routed.map((ids) => ids.map((id) => id.replace(/^log\/(\w).*$/, '$1')));
        expect(receivers.map((names) => [...new Set(names)].toSorted())).toEqual(
          expected.map((names) => [...new Set(names)].toSorted()),
        );
        for (const [index, names] of receivers.entries()) {
          for (const name of ['a', 'b']) {
            const count = (list: readonly string[]): number => list.filter((other) => other === name).length;
            expect(count(names)).toBeLessThanOrEqual(count(expected[index] ?? []));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test('sends an event once where an outer and a dropping inner route reach the same receiver', async () => {
    const { run, dir } = await importConfig({
      route: {
        match: [{ type: 'Warning', receiver: 'a' }],
        routes: [{ drop: [{ reason: 'Probe' }], match: [{ kind: 'Pod', receiver: 'a' }] }],
      },
      receivers: [stdout('a')],
    });

    expect(run.code).toBe(0);
    expect(run.out).toEqual([`${dir}/out/destinations/log/a.json`]);
  });

  test('makes two destinations that never both get an event where sibling routes drop differently', async () => {
    const { dir } = await importConfig({
      route: {
        routes: [
          { match: [{ type: 'Warning', receiver: 'a' }] },
          { drop: [{ namespace: 'kube' }], match: [{ kind: 'Pod', receiver: 'a' }] },
        ],
      },
      receivers: [stdout('a')],
    });

    expect(await read(dir, 'destinations/log/a.json')).toEqual({
      filter: { match: [{ type: '/Warning/' }] },
      repeats: 'first',
    });
    expect(await read(dir, 'destinations/log/a-2.json')).toEqual({
      filter: { match: [{ kind: '/Pod/' }], drop: [{ eventNamespace: '/kube/' }, { type: '/Warning/' }] },
      repeats: 'first',
    });
  });

  test.each([
    [{ match: [{ receiver: 'nobody' }] }, 'refuse: route.match[0]: there is no receiver nobody (there are: a)'],
    [{ match: { receiver: 'a' } }, 'refuse: route.match: is a mapping and must be a list: write "- " before its first'],
    [{ drop: { kind: 'Pod' }, match: [{ receiver: 'a' }] }, 'refuse: route.drop: is a mapping and must be a list'],
    [{ routes: { match: [{ receiver: 'a' }] } }, 'refuse: route.routes: is a mapping and must be a list'],
    [{ drop: ['kind != Pod'], match: [{ receiver: 'a' }] }, 'refuse: route.drop[0]: is no mapping of fields'],
    [{ drop: [{ kind: ['Pod'] }], match: [{ receiver: 'a' }] }, 'refuse: route.drop[0].kind: is no text'],
    [{ match: [{ labels: ['app'], receiver: 'a' }] }, 'refuse: route.match[0].labels: is no mapping of keys'],
    [{ match: [{ minCount: '3', receiver: 'a' }] }, 'refuse: route.match[0].minCount: is no whole number'],
  ])('is refused with the place when it holds what never works there: %j', async (tree, message) => {
    const { run, dir } = await importConfig({ route: tree, receivers: [stdout('a')] });

    expect(run.code).toBe(1);
    expect(run.err.join('\n')).toContain(message);
    expect(await readdir(dir)).toEqual(['config.yaml']);
  });

  test('is refused where its lists are mappings, with nothing said that follows from it', async () => {
    const given = await importConfig(await input('kee-match-mapping.yaml'));
    const receivers = await importConfig({ route: { match: [{ receiver: 'a' }] }, receivers: { a: { stdout: {} } } });

    expect(given.run).toEqual({
      code: 1,
      out: [],
      err: [
        'refuse: route.routes[0].match: is a mapping and must be a list: write "- " before its first field, and indent the others below it',
        'nothing was written',
      ],
    });
    expect(receivers.run.err[0]).toMatch(/^refuse: receivers: is a mapping and must be a list/);
  });

  test('leaves out what can never match there, and says what was meant', async () => {
    const { run, dir } = await importConfig({
      route: {
        drop: [{ namespace: '*test*' }],
        match: [
          { kind: 'Pod', receiver: 'a' },
          { reason: '(', receiver: 'b' },
        ],
        routes: [{ match: [{ receiver: 'b' }] }],
      },
      receivers: [stdout('a'), stdout('b')],
    });

    expect(run.code).toBe(0);
    expect(await read(dir, 'destinations/log/a.json')).toMatchObject({ filter: { match: [{ kind: '/Pod/' }] } });
    expect(run.out).toHaveLength(1);
    expect(run.err.join('\n')).toMatch(/not carried: route\.drop\[0\]\.namespace: .*where you meant \.\*test\.\*/);
    expect(run.err).toContain('not carried: route.routes: is never reached, because route.match[1] never holds');
  });

  test('names what it leaves out', async () => {
    const { run } = await importConfig({
      maxEventAgeSeconds: 60,
      clusterName: 'prod',
      wrong: 1,
      route: { match: [{ receiver: 'a', Kind: 'Pod' }, { receiver: 'chat' }] },
      receivers: [stdout('a'), { name: 'unused', stdout: {} }, { name: 'chat', prometheus: { port: 1 } }],
    });

    expect(run.code).toBe(0);
    expect(run.err).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^not carried: maxEventAgeSeconds: /),
        "not carried: clusterName: set the relay's CLUSTER_NAME to prod",
        expect.stringMatching(/^not carried: wrong: /),
        'not carried: route.match[0].Kind: is no field there and is ignored (did you mean kind?)',
        'not carried: receiver unused: no route reaches it, so it gets nothing there either',
        'not carried: receiver chat: there is no counterpart to its sink prometheus: the relay counts events itself: kube_courier_events_total',
      ]),
    );
  });

  test('drops everything below an empty drop rule', async () => {
    const { run } = await importConfig({
      route: { drop: [{}], match: [{ receiver: 'a' }] },
      receivers: [stdout('a')],
    });

    expect(run.code).toBe(1);
    expect(run.err).toContain('note: route: an empty drop rule drops every event: nothing below it is imported');
  });

  test('expands the environment before it reads the YAML, and says where a variable is missing', async () => {
    const { run, dir } = await importConfig(
      'route:\n  match:\n    - reason: "^Back$MISSING"\n      message: "x$"\n      receiver: a\nreceivers:\n  - name: a\n    stdout: {}\n',
    );

    expect(await read(dir, 'destinations/log/a.json')).toMatchObject({
      filter: { match: [{ reason: '/^Back/', message: '/x$/' }] },
    });
    expect(run.err.join('\n')).toContain('route.match[0].reason: $MISSING is an environment variable');
  });
});

describe('receivers', () => {
  test('become webhooks that read errors inside a 200, where a layout goes to the address of a known robot', async () => {
    const endpoint = 'https://hooks.slack.com/services/T0/B0/X';
    const { run, dir } = await importConfig({
      route: { match: [{ receiver: 'chat' }] },
      receivers: [{ name: 'chat', webhook: { endpoint, layout: { text: '{{ .Reason }}' } } }],
    });

    expect(await read(dir, 'destinations/webhook/chat.json')).toMatchObject({
      body: { text: '${ event.reason }' },
      reply: { success: 'ok' },
    });
    expect(run.err.join('\n')).toContain('the sink slack knows more of it');
  });

  test.each([
    [
      'slack',
      'https://hooks.slack.com/services/T0/B0/X',
      {},
      { webhookUrl: 'https://hooks.slack.com/services/T0/B0/X' },
    ],
    [
      'feishu',
      'https://open.larksuite.com/open-apis/bot/v2/hook/0c1f',
      {},
      { webhookUrl: 'https://open.larksuite.com/open-apis/bot/v2/hook/0c1f' },
    ],
    [
      'discord',
      'https://discordapp.com/api/webhooks/123456789012345678/abc/slack',
      {},
      { webhookUrl: 'https://discordapp.com/api/webhooks/123456789012345678/abc' },
    ],
    [
      'teams',
      'https://default1.0a.environment.api.powerplatform.com/powerautomate/x?sig=y',
      {},
      { webhookUrl: 'https://default1.0a.environment.api.powerplatform.com/powerautomate/x?sig=y' },
    ],
    ['wechat', 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k1', { mode: 'robot' }, { robotKey: 'k1' }],
    ['dingtalk', 'https://oapi.dingtalk.com/robot/send?access_token=t1', {}, { accessToken: 't1' }],
  ])('become the sink %s where no layout goes to its address', async (type, endpoint, document, secrets) => {
    const { dir } = await importConfig({
      route: { match: [{ receiver: 'chat' }] },
      receivers: [{ name: 'chat', webhook: { endpoint } }],
    });

    expect(await read(dir, `destinations/${type}/chat.json`)).toEqual({ ...document, repeats: 'first' });
    expect(await read(dir, `secrets/${type}/chat.json`)).toEqual(secrets);
  });

  test('of Slack become the sink slack with the channel, or what chooses it', async () => {
    const { run, dir } = await importConfig({
      route: { match: [{ receiver: 'fixed' }, { receiver: 'chosen' }] },
      receivers: [
        {
          name: 'fixed',
          slack: { token: 'xoxb-1', channel: '#events', message: '{{ .Message }}', fields: { a: 'b' } },
        },
        { name: 'chosen', slack: { token: 'xoxb-1', channel: '#k8s-{{ .Namespace }}', message: 'x' } },
      ],
    });

    expect(await read(dir, 'destinations/slack/fixed.json')).toEqual({ channel: '#events', repeats: 'first' });
    expect(await read(dir, 'secrets/slack/fixed.json')).toEqual({ botToken: 'xoxb-1' });
    expect(await read(dir, 'destinations/slack/chosen.json')).toMatchObject({
      channel: '#k8s-${ event.eventNamespace }',
      fallbackChannel: 'replace-me',
    });
    expect(run.err).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^changed: receiver fixed: slack: messages are kube-courier's own.*message, fields are not/,
        ),
        expect.stringMatching(/^fill in: receiver chosen: slack.channel: is a template/),
      ]),
    );
  });

  test('of Teams become the sink teams, whose address is asked for where Microsoft has retired it', async () => {
    const retired = 'https://example.webhook.office.com/webhookb2/0c1f/IncomingWebhook/1/2';
    const flow = 'https://default1.0a.environment.api.powerplatform.com/powerautomate/x?sig=y';
    const { run, dir } = await importConfig({
      route: { match: [{ receiver: 'old' }, { receiver: 'new' }] },
      receivers: [
        { name: 'old', teams: { endpoint: retired, headers: { 'X-Team': 'a' } } },
        { name: 'new', teams: { endpoint: flow, layout: { message: '{{ .Message }}' } } },
      ],
    });

    expect(await read(dir, 'destinations/teams/old.json')).toEqual({ repeats: 'first' });
    expect(await read(dir, 'secrets/teams/old.json')).toEqual({ webhookUrl: 'https://REPLACE_ME/' });
    expect(await read(dir, 'secrets/teams/new.json')).toEqual({ webhookUrl: flow });
    expect(run.err).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^fill in: receiver old: teams.endpoint: Microsoft has retired connectors/),
        'not carried: receiver old: teams.headers: the sink teams sends none of its own',
        expect.stringMatching(/^changed: receiver new: teams: messages are kube-courier's own.*layout is not/),
      ]),
    );
  });

  test.each([
    [
      'sns',
      { topicARN: 'arn:aws:sns:eu-west-1:123456789012:events' },
      { topicArn: 'arn:aws:sns:eu-west-1:123456789012:events' },
    ],
    [
      'sqs',
      { queueName: 'q', region: 'eusc-de-east-1' },
      { queueArn: 'arn:aws-eusc:sqs:eusc-de-east-1:000000000000:q' },
    ],
    ['sqs', { queueName: 'q', region: 'cn-north-1' }, { queueArn: 'arn:aws-cn:sqs:cn-north-1:000000000000:q' }],
    [
      'kinesis',
      { streamName: 's', region: 'eu-west-1' },
      { streamArn: 'arn:aws:kinesis:eu-west-1:000000000000:stream/s' },
    ],
    [
      'firehose',
      { deliveryStreamName: 's', region: 'us-gov-west-1', layout: { a: 'b' } },
      { streamArn: 'arn:aws-us-gov:firehose:us-gov-west-1:000000000000:deliverystream/s' },
    ],
    [
      'eventbridge',
      { eventBusName: 'b', region: 'eu-west-1', source: 'cd', detailType: 'deployment', details: { a: 'b' } },
      { busArn: 'arn:aws:events:eu-west-1:000000000000:event-bus/b', source: 'cd', detailType: 'deployment' },
    ],
  ])('of %s become the sink of that name, with the ARN that names the account too', async (type, block, document) => {
    const { run, dir } = await importConfig({
      route: { match: [{ receiver: 'r' }] },
      receivers: [{ name: 'r', [type]: block }],
    });

    expect(await read(dir, `destinations/${type}/r.json`)).toEqual({ ...document, repeats: 'first' });
    expect(run.err.join('\n')).toContain(`set sinks.${type}.targets to arn:aws`);
    expect(run.err.join('\n').includes('in place of 000000000000')).toBe(type !== 'sns');
  });

  test('of Pub/Sub become the sink pubsub, whose key is asked for', async () => {
    const { run, dir } = await importConfig({
      route: { match: [{ receiver: 'r' }] },
      receivers: [{ name: 'r', pubsub: { gcloud_project_id: 'a-project', topic: 'events', create_topic: true } }],
    });

    expect(await read(dir, 'destinations/pubsub/r.json')).toEqual({
      project: 'a-project',
      topic: 'events',
      repeats: 'first',
    });
    expect(run.err).toEqual(
      expect.arrayContaining([
        'not carried: receiver r: pubsub.create_topic: a topic that is not there is not created',
        expect.stringMatching(/^fill in: receiver r: pubsub: put the key file/),
      ]),
    );
  });

  test('of BigQuery are named, with what to use', async () => {
    const { run } = await importConfig({
      route: { match: [{ receiver: 'r' }] },
      receivers: [{ name: 'r', bigquery: { project: 'p' } }],
    });

    expect(run.err.join('\n')).toMatch(/no counterpart to its sink bigquery: send to pubsub/);
  });

  test('of Opsgenie become the sink opsgenie, which gets what its routes let pass and not what is critical alone', async () => {
    const { run, dir } = await importConfig({
      route: { match: [{ receiver: 'on-call' }] },
      receivers: [
        {
          name: 'on-call',
          opsgenie: { apiKey: 'k', priority: 'P2', alias: '{{ .UID }}', tags: ['k8s', '{{ .Reason }}'] },
        },
      ],
    });

    expect(await read(dir, 'destinations/opsgenie/on-call.json')).toEqual({
      endpoint: 'https://api.opsgenie.com',
      tags: ['k8s'],
      filter: {},
      repeats: 'first',
    });
    expect(await read(dir, 'secrets/opsgenie/on-call.json')).toEqual({ apiKey: 'k' });
    expect(run.err.join('\n')).toContain('Opsgenie ends on 5 April 2027');
  });

  test('become webhooks with their layout as body and what is secret under secrets', async () => {
    const { run, dir } = await importConfig({
      route: { match: [{ receiver: 'hook' }] },
      receivers: [
        {
          name: 'hook',
          webhook: {
            endpoint: 'http://hooks.example.com/path?t=1',
            headers: { 'X-API-KEY': '${API_KEY}', 'User-Agent': 'kee' },
            tls: { insecureSkipVerify: true },
            layout: { text: '{{ .Reason }} on {{ .InvolvedObject.Name }}', nested: { count: '{{ .Count }}' }, n: 3 },
          },
        },
      ],
    });

    expect(await read(dir, 'destinations/webhook/hook.json')).toEqual({
      headers: { 'User-Agent': 'kee' },
      body: {
        text: '${ event.reason } on ${ event.object.name }',
        nested: { count: '${ event.count | append: "" }' },
        n: 3,
      },
      tls: { insecure: true },
      repeats: 'first',
    });
    expect(await read(dir, 'secrets/webhook/hook.json')).toEqual({
      url: 'http://hooks.example.com/path?t=1',
      secretHeaders: { 'X-API-KEY': '${API_KEY}' },
    });
    expect(run.err).toContain(
      `fill in: ${dir}/out/secrets/webhook/hook.json: secretHeaders.X-API-KEY: holds \${API_KEY}, an environment variable whose value is not in the file`,
    );
  });

  test('are written disabled where a template cannot be translated', async () => {
    const { run, dir } = await importConfig({
      route: { match: [{ receiver: 'hook' }] },
      receivers: [
        { name: 'hook', webhook: { endpoint: 'https://x.example.com', layout: { t: '{{ range .X }}a{{ end }}' } } },
      ],
    });

    expect(await read(dir, 'destinations/webhook/hook.json')).toMatchObject({ enabled: false });
    expect(run.err).toContain('not carried: receiver hook: webhook.layout.t: {{ range .X }} is not translated: range');
  });

  test('become Elasticsearch and Kafka destinations that validate', async () => {
    const { run, dir } = await importConfig({
      route: { match: [{ receiver: 'es' }, { receiver: 'os' }, { receiver: 'kafka' }] },
      receivers: [
        {
          name: 'es',
          elasticsearch: {
            hosts: ['https://a:9200', 'https://b:9200'],
            username: 'u',
            password: 'p',
            useEventID: true,
            index: 'kube',
          },
        },
        { name: 'os', opensearch: { hosts: ['https://a:9200'], indexFormat: 'kube-{2006-01-02}', deDot: true } },
        {
          name: 'kafka',
          kafka: {
            brokers: ['a:9092'],
            topic: 't',
            compressionCodec: 'snappy',
            tls: { enable: true, caFile: '/ca.pem' },
            sasl: { enable: true, username: 'u', password: 'p' },
          },
        },
      ],
    });

    expect(run.code).toBe(0);
    expect(await read(dir, 'destinations/elasticsearch/es.json')).toEqual({
      endpoint: ['https://a:9200', 'https://b:9200'],
      mode: 'latest',
      index: 'kube',
      username: 'u',
      repeats: 'first',
    });
    expect(await read(dir, 'destinations/elasticsearch/os.json')).toMatchObject({ index: 'kube', mode: 'daily' });
    expect(await read(dir, 'destinations/kafka/kafka.json')).toEqual({
      brokers: ['a:9092'],
      topic: 't',
      compression: 'snappy',
      body: '${ event.raw }',
      auth: 'plain',
      username: 'u',
      tls: true,
      repeats: 'first',
    });
    expect((await ops(['validate', '--folder', `${dir}/out`])).code).toBe(0);
  });

  test('are told of repetitions only where the exporter told them', async () => {
    const { dir } = await importConfig({
      route: { match: [{ receiver: 'once' }, { receiver: 'always' }] },
      receivers: [
        { name: 'once', stdout: {} },
        { name: 'always', stdout: { sentUpdateEvent: true } },
      ],
    });

    expect(await read(dir, 'destinations/log/once.json')).toEqual({ repeats: 'first' });
    expect(await read(dir, 'destinations/log/always.json')).toEqual({ repeats: 'all' });
  });

  test('are found in a ConfigMap, with variables from the Deployment', async () => {
    const { dir } = await importConfig(
      [
        {
          kind: 'Deployment',
          metadata: { name: 'exporter' },
          spec: {
            template: {
              spec: { containers: [{ name: 'x', env: [{ name: 'HOOK', value: 'https://hook.example.com/' }] }] },
            },
          },
        },
        {
          kind: 'ConfigMap',
          data: {
            'config.yaml':
              'route: {match: [{receiver: hook}]}\nreceivers: [{name: hook, webhook: {endpoint: "${HOOK}"}}]\n',
          },
        },
      ]
        .map((document) => stringify(document))
        .join('---\n'),
    );

    expect(await read(dir, 'secrets/webhook/hook.json')).toEqual({ url: 'https://hook.example.com/' });
    expect(await read(dir, 'destinations/webhook/hook.json')).toMatchObject({ body: '${ event.raw }' });
  });
});
