import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { sampleKubeEvent } from '../../../../../functions/core/contract/sample.ts';
import { folderOf, ops, remove, type Run } from '../../run.ts';

const folders: string[] = [];

afterEach(async () => {
  await Promise.all(folders.splice(0).map(remove));
});

interface Imported {
  readonly run: Run;
  readonly dir: string;
  /** The path of a written file inside the test's folder, read as JSON. */
  readonly read: (file: string) => Promise<unknown>;
  /** What was reported, without the test's folder. */
  readonly notes: readonly string[];
}

async function importText(text: string, ...flags: readonly string[]): Promise<Imported> {
  const dir = await folderOf({ 'manifest.yaml': text });
  folders.push(dir);
  const run = await ops(['import', 'kube-eventer', `${dir}/manifest.yaml`, '--out', `${dir}/out`, ...flags]);
  return {
    run,
    dir,
    read: async (file) => JSON.parse(await readFile(join(dir, 'out', file), 'utf8')),
    notes: run.err.map((line) => line.replaceAll(`${dir}/out/`, '')),
  };
}

interface Manifest {
  readonly env?: readonly object[];
  readonly others?: readonly object[];
}

function deployment(sinks: readonly string[], { env = [], others = [] }: Manifest = {}): string {
  const main = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'kube-eventer', namespace: 'kube-system' },
    spec: {
      template: {
        spec: {
          containers: [
            {
              name: 'kube-eventer',
              command: [
                '/kube-eventer',
                '--source=kubernetes:https://kubernetes.default',
                ...sinks.map((sink) => `--sink=${sink}`),
              ],
              env,
            },
          ],
        },
      },
    },
  };
  return [main, ...others].map((document) => stringify(document)).join('---\n');
}

function importSinks(sinks: readonly string[], manifest?: Manifest): Promise<Imported> {
  return importText(deployment(sinks, manifest));
}

/** Every written destination validates, but for what a person has to put in, and renders an event. */
async function expectUsable({ dir, run }: Imported, placeholders: readonly string[] = []): Promise<void> {
  const validation = await ops(['validate', '--folder', `${dir}/out`]);
  expect(validation.out.map((line) => line.replace(`${dir}/out/`, ''))).toEqual(placeholders);
  for (const file of run.out.filter((line) => line.includes('/destinations/'))) {
    const id = file.replace(/^.*\/destinations\//, '').replace(/\.json$/, '');
    const preview = await ops(['preview', '--folder', `${dir}/out`, '--destination', id, '--events', '-', '--json'], {
      stdin: async () => JSON.stringify(sampleKubeEvent),
    });
    expect(preview.code).toBe(0);
    expect({ id, parcels: preview.out.length }).toEqual({ id, parcels: 1 });
  }
}

// The shape of the manifest that guides on the web show: placeholders, and & where ? belongs.
const PLACEHOLDERS = `apiVersion: apps/v1beta2
kind: Deployment
metadata:
  labels:
    name: kube-eventer
  name: kube-eventer
  namespace: kube-system
spec:
  replicas: 1
  selector:
    matchLabels:
      app: kube-eventer
  template:
    metadata:
      labels:
        app: kube-eventer
      annotations:\t
        scheduler.alpha.kubernetes.io/critical-pod: ''
    spec:
      dnsPolicy: ClusterFirstWithHostNet
      serviceAccount: kube-eventer
      containers:
        - image: example/kube-eventer:v1
          name: kube-eventer
          command:
            - "/kube-eventer"
            - "--source=kubernetes:https://kubernetes.default"
            ## a sink, as an example
            - --sink=dingtalk:[your_robot_url]&label=[your_cluster]&level=[Normal or Warning   (default)]
          env:
          # the zone of times
          - name: TZ
            value: America/New_York
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: kube-eventer
rules:
  - apiGroups:
      - ""
    resources:
      - events
    verbs:
      - get
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: kube-eventer
  namespace: kube-system
`;

describe('the manifest with placeholders', () => {
  test('imports to a destination that validates and renders, and says what to fill in', async () => {
    const imported = await importText(PLACEHOLDERS);

    expect(imported.run.code).toBe(0);
    expect(await imported.read('destinations/dingtalk/kube-eventer.json')).toEqual({
      msgType: 'text',
      timeZone: 'America/New_York',
      labels: ['[your_cluster]'],
      filter: { match: [{ type: 'Warning' }] },
    });
    expect(imported.notes.filter((note) => note.startsWith('fill in'))).toEqual([
      "fill in: --sink=dingtalk: has [your_robot_url] where a URL belongs: put what follows access_token= in the robot's webhook URL into the secret accessToken",
      'fill in: --sink=dingtalk level: holds the placeholder [Normal or Warning   (default)]: taken as the default, Warning',
      'fill in: destinations/dingtalk/kube-eventer.json: labels.0: put the real value in place of [your_cluster]',
      'fill in: secrets/dingtalk/kube-eventer.json: accessToken: put the real value in place of REPLACE_ME',
    ]);
    await expectUsable(imported, [
      'secrets/dingtalk/kube-eventer.json: accessToken still holds REPLACE_ME: put the real value in its place',
    ]);
  });
});

test('placeholders in other options are named, and none ends up in a filter', async () => {
  const imported = await importSinks([
    'wechat:?corp_id=[your_corp_id]&corp_secret=<secret>&agent_id=[your_agent_id]&level=[level]&namespaces=[your_namespaces]',
  ]);

  expect(await imported.read('destinations/wechat/kube-eventer.json')).toMatchObject({
    agentId: 0,
    filter: { match: [{ type: 'Warning' }] },
  });
  const fillIn = imported.notes.filter((note) => note.startsWith('fill in')).join('\n');
  for (const name of ['corpId', 'corpSecret', 'agent_id', 'level', 'namespaces']) expect(fillIn).toContain(name);
  await expectUsable(imported);
});

describe('a sink of kube-eventer', () => {
  test('dingtalk: token and signature are secrets, labels come in their old order, the filter means the same', async () => {
    const imported = await importSinks([
      'dingtalk:https://oapi.dingtalk.com/robot/send?access_token=tok&label=a&label=b&level=Normal&sign=SEC1&msg_type=markdown&namespaces=payments,y&kinds=Pod&cluster_id=c1',
    ]);

    expect(await imported.read('destinations/dingtalk/kube-eventer.json')).toEqual({
      msgType: 'markdown',
      timeZone: 'Asia/Shanghai',
      labels: ['b', 'a'],
      filter: { match: [{ type: ['Normal', 'Warning'], eventNamespace: ['payments', 'y'], kind: 'Pod' }] },
    });
    expect(await imported.read('secrets/dingtalk/kube-eventer.json')).toEqual({
      accessToken: 'tok',
      signSecret: 'SEC1',
    });
    expect(imported.notes.join('\n')).toContain('not carried: --sink=dingtalk cluster_id: ');
    await expectUsable(imported);
  });

  test('dingtalk: a misspelt level lets everything pass, as there, and another host stays', async () => {
    const imported = await importSinks(['dingtalk:http://proxy.example.com/robot/send?access_token=tok&level=warning']);

    expect(await imported.read('destinations/dingtalk/kube-eventer.json')).toEqual({
      endpoint: 'http://proxy.example.com/robot/send',
      msgType: 'text',
      timeZone: 'Asia/Shanghai',
    });
    await expectUsable(imported);
  });

  test('wechat', async () => {
    const imported = await importSinks([
      'wechat:?corp_id=ww1&corp_secret=s1&agent_id=1000002&to_user=ann,bob|cy&label=prod&level=Warning',
    ]);

    expect(await imported.read('destinations/wechat/kube-eventer.json')).toEqual({
      mode: 'app',
      corpId: 'ww1',
      agentId: 1_000_002,
      toUser: ['ann', 'bob', 'cy'],
      timeZone: 'Asia/Shanghai',
      labels: ['prod'],
      filter: { match: [{ type: 'Warning' }] },
    });
    expect(await imported.read('secrets/wechat/kube-eventer.json')).toEqual({ corpSecret: 's1' });
    await expectUsable(imported);
  });

  test('webhook: its options leave the URL, headers are split at the first =, and a template becomes a body', async () => {
    const imported = await importSinks(
      [
        'webhook:https://hooks.example.com/in?team=a&level=Warning&method=POST&namespaces=shop&kinds=Pod,Node&reason=Back.*,^Failed$&header=Content-Type=application/json;charset=utf-8&header=Authorization=Bearer x==&custom_body_configmap=body&custom_body_configmap_namespace=kube-system',
      ],
      {
        others: [
          {
            kind: 'ConfigMap',
            metadata: { name: 'body', namespace: 'kube-system' },
            data: {
              content:
                '{"text": "{{ .InvolvedObject.Kind }} {{ .Message }}",\n "count": {{ .Count }}, "times": "{{ .Count }}"}',
            },
          },
        ],
      },
    );

    expect(await imported.read('destinations/webhook/kube-eventer.json')).toEqual({
      method: 'POST',
      headers: { 'Content-Type': 'application/json;charset=utf-8' },
      filter: {
        match: [{ type: 'Warning', namespace: 'shop', kind: ['Pod', 'Node'], reason: ['/Back.*/', '/^Failed$/'] }],
      },
      body: {
        text: '${ event.object.kind } ${ event.message }',
        count: '${ event.count }',
        times: '${ event.count | append: "" }',
      },
    });
    expect(await imported.read('secrets/webhook/kube-eventer.json')).toEqual({
      url: 'https://hooks.example.com/in?team=a',
      secretHeaders: { Authorization: 'Bearer x==' },
    });
    expect(imported.notes.join('\n')).toMatch(/changed: --sink=webhook header: .*;/);
    expect((await ops(['validate', '--folder', `${imported.dir}/out`])).code).toBe(0);
  });

  test('webhook: the default method and body stay, and no level lets everything pass', async () => {
    const imported = await importSinks(['webhook:https://hooks.example.com/in']);

    expect(await imported.read('destinations/webhook/kube-eventer.json')).toEqual({
      method: 'GET',
      headers: {},
      body: {
        EventType: '${ event.type }',
        EventKind: '${ event.object.kind }',
        EventReason: '${ event.reason }',
        EventTime: '${ event.lastSeen }',
        EventMessage: '${ event.message }',
      },
    });
    await expectUsable(imported);
  });

  test('webhook: without a template of its own, a known robot becomes the sink that knows it', async () => {
    const imported = await importSinks([
      'webhook:https://oapi.dingtalk.com/robot/send?access_token=tok&method=POST&level=Warning',
      'webhook:https://hooks.example.com/in?method=POST',
    ]);

    expect(await imported.read('destinations/dingtalk/kube-eventer.json')).toMatchObject({
      timeZone: 'Asia/Shanghai',
      filter: { match: [{ type: 'Warning' }] },
    });
    expect(await imported.read('secrets/dingtalk/kube-eventer.json')).toEqual({ accessToken: 'tok' });
    expect(await imported.read('destinations/webhook/kube-eventer.json')).not.toHaveProperty('reply');
    expect(imported.notes.join('\n')).toMatch(/changed: --sink=webhook: the address is that of DingTalk: becomes/);
    await expectUsable(imported);
  });

  test('webhook: what let nothing pass, and a body that is not there, are written disabled', async () => {
    const imported = await importSinks([
      'webhook:https://a.example.com/?kinds=',
      'webhook:https://b.example.com/?custom_body_configmap=missing',
    ]);

    expect(await imported.read('destinations/webhook/kube-eventer.json')).toMatchObject({ enabled: false });
    expect(await imported.read('destinations/webhook/kube-eventer-2.json')).toMatchObject({ enabled: false });
    expect(imported.notes.join('\n')).toContain('not carried: ConfigMap default/missing: ');
  });

  test('elasticsearch', async () => {
    const imported = await importSinks([
      'elasticsearch:http://es.example.com:9200?sniff=false&ver=7&index=kube&use_namespace=false&esUserName=u&esUserSecret=p&pipeline=pipe&cluster_name=prod',
      'elasticsearch:?nodes=https://a:9200&nodes=https://b:9200&sigv4=true',
    ]);

    expect(await imported.read('destinations/elasticsearch/kube-eventer.json')).toEqual({
      endpoint: 'http://es.example.com:9200',
      mode: 'daily',
      index: 'kube-${ event.eventNamespace }',
      format: 'kube-eventer',
      pipeline: 'pipe',
      username: 'u',
    });
    expect(await imported.read('secrets/elasticsearch/kube-eventer.json')).toEqual({ password: 'p' });
    expect(await imported.read('destinations/elasticsearch/kube-eventer-2.json')).toMatchObject({
      endpoint: ['https://a:9200', 'https://b:9200'],
      index: 'heapster',
      awsService: 'es',
    });
    expect(imported.notes).toContain(
      "note: --sink=elasticsearch cluster_name: set the relay's CLUSTER_NAME to prod, so that every event carries it",
    );
    await expectUsable(imported);
  });

  test('influxdb', async () => {
    const imported = await importSinks([
      'influxdb:http://influx.example.com:8086?db=ev&user=u&pw=p&withfields=true&insecuressl=true&retention=7d',
    ]);

    expect(await imported.read('destinations/influxdb/kube-eventer.json')).toEqual({
      endpoint: 'http://influx.example.com:8086',
      api: 'v1',
      database: 'ev',
      layout: 'kube-eventer-fields',
      username: 'u',
      tls: { insecure: true },
    });
    expect(await imported.read('secrets/influxdb/kube-eventer.json')).toEqual({ password: 'p' });
    await expectUsable(imported);
  });

  test('honeycomb, its key from a Secret', async () => {
    const imported = await importSinks(['honeycomb:?dataset=kube&apihost=https://api.eu1.honeycomb.io/'], {
      env: [{ name: 'HONEYCOMB_WRITEKEY', valueFrom: { secretKeyRef: { name: 'keys', key: 'honeycomb' } } }],
      others: [
        { kind: 'Secret', metadata: { name: 'keys' }, data: { honeycomb: Buffer.from('hc-key').toString('base64') } },
      ],
    });

    expect(await imported.read('destinations/honeycomb/kube-eventer.json')).toEqual({
      dataset: 'kube',
      endpoint: 'https://api.eu1.honeycomb.io',
    });
    expect(await imported.read('secrets/honeycomb/kube-eventer.json')).toEqual({ apiKey: 'hc-key' });
    await expectUsable(imported);
  });

  test('kafka', async () => {
    const imported = await importSinks([
      'kafka:?brokers=a.example.com:9092,b.example.com:9092&brokers=c.example.com:9092&eventstopic=ev&compression=snappy&user=u&password=p&cacert=/ca.pem',
    ]);

    expect(await imported.read('destinations/kafka/kube-eventer.json')).toMatchObject({
      brokers: ['a.example.com:9092', 'b.example.com:9092', 'c.example.com:9092'],
      topic: 'ev',
      compression: 'snappy',
      auth: 'plain',
      username: 'u',
      tls: true,
      body: { EventTags: { eventID: '${ event.uid }' } },
    });
    expect(await imported.read('secrets/kafka/kube-eventer.json')).toEqual({ password: 'p' });
    expect(imported.notes.join('\n')).toContain('fill in: --sink=kafka cacert: names a file');
    await expectUsable(imported);
  });

  test('mysql: the DSN is taken apart, the password as written, and the table is ours unless it is asked for', async () => {
    const sink = 'mysql:?root:p@ss+1;2@tcp(db.example.com:3307)/events?charset=utf8&table=k8s_event';
    const imported = await importSinks([sink]);
    const legacy = await importText(deployment([sink]), '--mysql-legacy');

    expect(await imported.read('destinations/mysql/kube-eventer.json')).toEqual({
      host: 'db.example.com',
      port: 3307,
      database: 'events',
      username: 'root',
    });
    expect(await imported.read('secrets/mysql/kube-eventer.json')).toEqual({ password: 'p@ss+1;2' });
    expect(await legacy.read('destinations/mysql/kube-eventer.json')).toMatchObject({
      layout: 'legacy',
      table: 'k8s_event',
    });
    await expectUsable(imported);
    await expectUsable(legacy);
  });

  test('mongo: the address is passed on whole', async () => {
    const uri = 'mongodb://u:p@m1.example.com:27017,m2.example.com/?replicaSet=rs0&authSource=admin';
    const imported = await importSinks([`mongo:?${uri}`]);

    expect(await imported.read('destinations/mongo/kube-eventer.json')).toEqual({
      database: 'k8s',
      collection: 'event',
    });
    expect(await imported.read('secrets/mongo/kube-eventer.json')).toEqual({ uri });
    await expectUsable(imported);
  });

  test('sls and eventbridge, the region of the variable before that of the option', async () => {
    const imported = await importSinks(
      [
        'sls:https://sls.aliyuncs.com?project=proj&logStore=store&topic=k8s&regionId=cn-beijing&label=env,prod&label=bad',
        'eventbridge:?clusterId=c1&accessKeyId=ak2&accessKeySecret=sk2&eventBusName=bus&internal=false',
      ],
      {
        env: [
          { name: 'RegionId', value: 'cn-hangzhou' },
          { name: 'AccessKeyId', value: 'ak' },
          { name: 'AccessKeySecret', value: 'sk' },
          { name: 'OwnerAccountId', value: '1234567890' },
        ],
      },
    );

    expect(await imported.read('destinations/sls/kube-eventer.json')).toEqual({
      project: 'proj',
      logstore: 'store',
      region: 'cn-hangzhou',
      topic: 'k8s',
      fields: { env: 'prod' },
      format: 'kube-eventer',
    });
    expect(await imported.read('secrets/sls/kube-eventer.json')).toEqual({ accessKeyId: 'ak', accessKeySecret: 'sk' });
    expect(await imported.read('destinations/alibaba-eventbridge/kube-eventer.json')).toEqual({
      accountId: '1234567890',
      region: 'cn-hangzhou',
      clusterId: 'c1',
      eventBus: 'bus',
    });
    expect(await imported.read('secrets/alibaba-eventbridge/kube-eventer.json')).toEqual({
      accessKeyId: 'ak2',
      accessKeySecret: 'sk2',
    });
    expect(imported.notes.join('\n')).toContain('not carried: --sink=sls label: ');
    await expectUsable(imported);
  });

  test('log; one without a counterpart and an unknown option are named', async () => {
    const imported = await importSinks(['log:', 'riemann:http://r:5555', 'honeycomb:?writekey=k&colour=red']);

    expect(await imported.read('destinations/log/kube-eventer.json')).toEqual({});
    expect(imported.notes).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^not carried: --sink=riemann: there is no sink of this type here/),
        'not carried: --sink=honeycomb colour: is no option of this sink in kube-eventer either',
      ]),
    );
    await expectUsable(imported);
  });
});

describe("what kube-eventer's URIs lose", () => {
  test('is carried over, and said', async () => {
    const imported = await importSinks(['elasticsearch:https://es:9200?esUserName=u&esUserSecret=pa#s;w%ord&index=i']);

    expect(await imported.read('secrets/elasticsearch/kube-eventer.json')).toEqual({ password: 'pa#s;w%ord' });
    expect(await imported.read('destinations/elasticsearch/kube-eventer.json')).toMatchObject({ index: 'i' });
    expect(imported.notes.filter((note) => note.startsWith('changed'))).toEqual([
      'changed: --sink=elasticsearch: kube-eventer stops reading at the first #; here the rest belongs to the value',
      'changed: --sink=elasticsearch esUserSecret: kube-eventer drops an option that contains ;, here it counts',
      'changed: --sink=elasticsearch esUserSecret: kube-eventer drops an option with a % that is no escape, here it is taken as written',
    ]);
  });

  test('by environment expansion stays as a reference in the secrets, and a piece of a password is not printed', async () => {
    const imported = await importSinks(
      [
        'kafka:?brokers=a:9092&user=u&password=pa$qqzz',
        'honeycomb:?writekey=${HC_KEY}',
        'dingtalk:https://oapi.dingtalk.com/robot/send?access_token=$(TOKEN)',
      ],
      { env: [{ name: 'TOKEN', value: 'tok' }] },
    );

    expect(await imported.read('secrets/kafka/kube-eventer.json')).toEqual({ password: 'pa$qqzz' });
    expect(await imported.read('secrets/honeycomb/kube-eventer.json')).toEqual({ apiKey: '${HC_KEY}' });
    expect(await imported.read('secrets/dingtalk/kube-eventer.json')).toEqual({ accessToken: 'tok' });
    expect(imported.notes).toContain(
      'fill in: secrets/honeycomb/kube-eventer.json: apiKey: holds ${HC_KEY}, an environment variable whose value is not in the file',
    );
    expect(imported.notes.join('\n')).not.toContain('qqzz');
  });
});

describe('the import', () => {
  test('writes secrets only for their owner to read, and prints none', async () => {
    const imported = await importSinks(['honeycomb:?writekey=hcsecret1', 'dingtalk:[url]?access_token=toksecret2']);

    const { mode } = await stat(join(imported.dir, 'out', 'secrets', 'honeycomb', 'kube-eventer.json'));
    expect(mode & 0o077).toBe(0);
    expect([...imported.run.out, ...imported.run.err].join('\n')).not.toMatch(/hcsecret1|toksecret2/);
  });

  test('refuses an invalid regular expression and writes nothing', async () => {
    const { run, dir } = await importSinks(['webhook:https://a.example.com/?reason=(Back']);

    expect(run.code).toBe(1);
    expect(run.out).toEqual([]);
    expect(run.err.join('\n')).toContain('refuse: --sink=webhook reason: (Back is not a valid regular expression');
    expect(await readdir(dir)).toEqual(['manifest.yaml']);
  });

  test('does not overwrite a file that differs', async () => {
    const { dir } = await importSinks(['honeycomb:?writekey=k']);
    const again = await ops(['import', 'kube-eventer', `${dir}/manifest.yaml`, '--out', `${dir}/out`]);
    const other = await folderOf({ 'other.yaml': deployment(['honeycomb:?writekey=k&dataset=x']) });
    folders.push(other);
    const changed = await ops(['import', 'kube-eventer', `${other}/other.yaml`, '--out', `${dir}/out`]);

    await writeFile(join(dir, 'out/destinations/honeycomb/kube-eventer.yml'), '{}');
    const beside = await ops(['import', 'kube-eventer', `${dir}/manifest.yaml`, '--out', `${dir}/out`]);

    expect([again.code, changed.code, beside.code]).toEqual([0, 1, 1]);
    expect(changed.err.join('\n')).toContain('exists and is different');
    expect(beside.err.join('\n')).toContain('kube-eventer.yml: is the same destination: choose another --out');
  });

  test.each([
    [
      'a List',
      stringify({
        kind: 'List',
        items: [{ kind: 'Deployment', spec: { template: { spec: { containers: [{ args: ['--sink=log:'] }] } } } }],
      }),
    ],
    [
      'a shell command',
      stringify({ spec: { containers: [{ command: ['sh', '-c', "exec /kube-eventer --sink='log:'"] }] } }),
    ],
    ['flags and values apart', stringify({ spec: { containers: [{ args: ['--sink', 'log:'] }] } })],
    ['the flags alone', '--source=kubernetes:https://kubernetes.default\n--sink=log:\n'],
  ])('reads %s', async (_name, text) => {
    const { run } = await importText(text);

    expect(run.code).toBe(0);
    expect(run.out).toHaveLength(1);
  });

  test.each([
    ['a: [', 'is not YAML'],
    ['kind: Deployment', 'holds no --sink'],
  ])('says what is wrong with %j', async (text, message) => {
    const { run } = await importText(text);

    expect(run.code).toBe(1);
    expect(run.err.join('\n')).toContain(message);
  });
});
