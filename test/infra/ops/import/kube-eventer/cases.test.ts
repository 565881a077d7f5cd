import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { sampleKubeEvent } from '../../../../../functions/core/contract/sample.ts';
import type { KubeEvent } from '../../../../../functions/core/contract/event.ts';
import { importText, input, routes, type ImportedFolder } from '../importing.ts';

const WEBHOOK = 'destinations/webhook/kube-eventer.json';

function importSink(
  sink: string,
  others: readonly object[] = [],
  env: readonly object[] = [],
): Promise<ImportedFolder> {
  const container = { command: ['/kube-eventer', `--sink=${sink}`], env };
  const documents = [{ kind: 'Deployment', metadata: { name: 'kube-eventer' }, spec: { containers: [container] } }];
  return importText('kube-eventer', [...documents, ...others].map((one) => stringify(one)).join('---\n'));
}

/** An event of an object in a namespace; of a node where that is empty. */
function eventIn(namespace: string, fields: KubeEvent = {}): KubeEvent {
  const metadata = { ...sampleKubeEvent.metadata, namespace: namespace || 'default' };
  const involvedObject = { kind: namespace === '' ? 'Node' : 'Pod', name: 'x', namespace };
  return { ...sampleKubeEvent, metadata, involvedObject, ...fields };
}

describe('a level', () => {
  test('that is a list lets the types of the list pass, and says so', async () => {
    const { read, notes } = await importText('kube-eventer', await input('ke-level-list.txt'));

    expect(await read(WEBHOOK)).toMatchObject({ filter: { match: [{ type: ['Normal', 'Warning'] }] } });
    expect(notes).toContainEqual(expect.stringMatching(/^changed: --sink=webhook level: is a list/));
  });

  test.each([
    ['webhook:https://h.example.com/?level=Warning,Warning', 'Warning'],
    ['webhook:https://h.example.com/?level=normal', 'Warning'],
    ['dingtalk:https://oapi.dingtalk.com/robot/send?access_token=t&level=Warning,Normal', ['Normal', 'Warning']],
  ])('of %s is %j', async (sink, type) => {
    const { read, run, notes } = await importSink(sink);

    const file = run.out[0]?.replace(/^.*\/out\//, '') ?? '';
    expect(await read(file)).toMatchObject({ filter: { match: [{ type }] } });
    expect(notes.join('\n')).toContain(' level: ');
  });
});

test('a level for people comes with the advice to filter by severity, one for a store without', async () => {
  const robot = 'https://oapi.dingtalk.com/robot/send?access_token=t';
  const chat = await importSink(`dingtalk:${robot}&level=Warning`);
  const store = await importSink('elasticsearch:http://es.example.com:9200?level=Warning');

  expect(chat.notes).toContainEqual(
    expect.stringMatching(/^note: .*filter\.match\[0\]\.type Warning leaves out lost nodes/),
  );
  expect(store.notes.join('\n')).not.toContain('lost nodes');
});

describe('an address', () => {
  test('with a second question mark gives the option behind it, and says so', async () => {
    const { read, notes } = await importText('kube-eventer', await input('ke-second-question-mark.txt'));

    expect(await read('secrets/webhook/kube-eventer.json')).toEqual({ url: 'https://hooks.example.com/31?key=0000' });
    expect(await read(WEBHOOK)).toMatchObject({
      method: 'POST',
      filter: { match: [{ type: 'Warning', kind: 'Pod' }] },
    });
    expect(notes).toContainEqual(
      expect.stringMatching(/^changed: --sink=webhook level: begins with a second \?.*part of key/),
    );
  });

  test('keeps a question mark that begins no option', async () => {
    const { read } = await importSink('webhook:https://h.example.com/?next=/a?b=c&level=Warning');

    expect(await read('secrets/webhook/kube-eventer.json')).toEqual({ url: 'https://h.example.com/?next=/a?b=c' });
  });

  test('whose options begin with & before a ? has them all', async () => {
    const { read } = await importSink('webhook:https://h.example.com/in&level=Warning?kinds=Pod');

    expect(await read('secrets/webhook/kube-eventer.json')).toEqual({ url: 'https://h.example.com/in' });
    expect(await read(WEBHOOK)).toMatchObject({ filter: { match: [{ type: 'Warning', kind: 'Pod' }] } });
  });

  test.each([
    ['around it', '"webhook:https://h.example.com/?level=Warning"'],
    ['behind its key', "webhook:'https://h.example.com/?level=Warning'"],
    ['around a value', 'webhook:https://h.example.com/?level="Warning"'],
  ])('has no quotes %s', async (_, sink) => {
    const { read, notes } = await importSink(sink);

    expect(await read('secrets/webhook/kube-eventer.json')).toMatchObject({ url: 'https://h.example.com/' });
    expect(await read(WEBHOOK)).toMatchObject({ filter: { match: [{ type: 'Warning' }] } });
    expect(notes).toContainEqual(expect.stringContaining('stands in quotes'));
  });

  test('has no quotes around its flag', async () => {
    const text = stringify({
      spec: { containers: [{ args: ['"--sink=webhook:https://h.example.com/?level=Warning"'] }] },
    });
    const { run } = await importText('kube-eventer', text);

    expect(run.code).toBe(0);
  });

  test.each(['webhook:https://h.example.com/?tok;en+%zz?level=Warning', 'honeycomb:?tok;en+%zz'])(
    'shows nothing of a value without a name: %s',
    async (sink) => {
      const { notes } = await importSink(sink);

      expect(notes.join('\n')).toContain(`${sink.replace(/:.*/, '')} ...: `);
      expect(notes.join('\n')).not.toContain('tok');
    },
  );

  test('names an option whose case is wrong, which would go to the receiver without a word', async () => {
    const { notes } = await importSink('webhook:https://h.example.com/?Level=Warning');

    expect(notes).toContain('not carried: --sink=webhook Level: is not read there: write level');
  });
});

describe('a list of namespaces', () => {
  test('leaves out nodes, and says how to have them', async () => {
    const { dir, notes } = await importText('kube-eventer', await input('ke-namespaces-nodes.txt'));

    expect(await routes(dir, [eventIn('shop'), eventIn('')])).toEqual([['webhook/kube-eventer'], []]);
    expect(notes).toContainEqual(
      expect.stringMatching(/^note: --sink=webhook namespaces: leaves out the events of nodes,.*add "" to namespace/),
    );
  });

  test.each([
    ['webhook:https://h.example.com/?namespaces=shop&kinds=Pod', false],
    ['dingtalk:https://oapi.dingtalk.com/robot/send?access_token=t&namespaces=shop,default', false],
    ['dingtalk:https://oapi.dingtalk.com/robot/send?access_token=t&namespaces=shop', true],
  ])('%s: nodes are mentioned: %s', async (sink, isSaid) => {
    const { notes } = await importSink(sink);

    expect(notes.join('\n').includes('leaves out the events of nodes')).toBe(isSaid);
  });

  test.each([
    ['prod-.*', '/^(?:prod-.*)$/'],
    ['prod-*', 'prod-*'],
    ['(shop|pay)-[0-9]+', '/^(?:(shop|pay)-[0-9]+)$/'],
    [' shop', 'shop'],
  ])('takes %j, which is no name, for the pattern it was meant as', async (item, pattern) => {
    const { read, notes } = await importSink(`webhook:https://h.example.com/?namespaces=${encodeURIComponent(item)},a`);

    expect(await read(WEBHOOK)).toMatchObject({ filter: { match: [{ namespace: [pattern, 'a'] }] } });
    expect(notes).toContainEqual(expect.stringMatching(/^changed: --sink=webhook namespaces: .* is no name/));
  });

  test('keeps names as they are', async () => {
    const { read, notes } = await importSink(
      'webhook:https://h.example.com/?namespaces=shop,kube-system&kinds=Pod,Node',
    );

    expect(await read(WEBHOOK)).toMatchObject({
      filter: { match: [{ namespace: ['shop', 'kube-system'], kind: ['Pod', 'Node'] }] },
    });
    expect(notes.join('\n')).not.toContain('is no name');
  });
});

describe('a body of its own', () => {
  test('quotes by printf as JSON does, whatever the message holds', async () => {
    const { read, bodyOf } = await importText('kube-eventer', await input('ke-printf-quote.yaml'));
    const message = 'a "quoted"\\ \n text';

    expect(await read(WEBHOOK)).toMatchObject({ body: { reason: '${ event.reason }', text: '${ event.message }' } });
    expect(await read(WEBHOOK)).not.toHaveProperty('enabled');
    expect(await bodyOf('webhook/kube-eventer', { ...sampleKubeEvent, message })).toEqual({
      reason: 'BackOff',
      text: message,
    });
  });

  test('formats times in the zone of the process', async () => {
    const map = {
      kind: 'ConfigMap',
      metadata: { name: 'b' },
      data: { content: '{"t": "{{ .LastTimestamp.Format "2006-01-02 15:04:05" }}"}' },
    };
    const { bodyOf } = await importSink('webhook:https://h.example.com/?custom_body_configmap=b', [map]);

    expect(await bodyOf('webhook/kube-eventer')).toEqual({ t: '2026-11-23 15:59:30' });
  });
});

describe('a signature in an address', () => {
  test('that is computed is none: the secret is asked for', async () => {
    const sign = encodeURIComponent('1VqJ0pTlZ7bQ5y8n3m2k4w6e9r1t5u7i0o2p4a6s8d0=');
    const robot = 'https://oapi.dingtalk.com/robot/send?access_token=t';
    const dingtalk = await importSink(`dingtalk:${robot}&timestamp=1700000000000&sign=${sign}`);
    const webhook = await importSink(`webhook:${robot}&timestamp=1700000000000&sign=${sign}&method=POST&level=Warning`);

    expect(await dingtalk.read('secrets/dingtalk/kube-eventer.json')).toMatchObject({ signSecret: 'REPLACE_ME' });
    expect(await webhook.read('secrets/dingtalk/kube-eventer.json')).toMatchObject({ signSecret: 'REPLACE_ME' });
    for (const { notes } of [dingtalk, webhook]) {
      expect(notes).toContainEqual(expect.stringMatching(/^fill in: .*computed for each request.*under secrets\//));
    }
  });
});

describe('a sink in a Secret', () => {
  const env = [{ name: 'SINK', valueFrom: { secretKeyRef: { name: 'sinks', key: 'main' } } }];
  const container = { command: ['/kube-eventer', '--sink=$(SINK)'], env };
  const workload = { kind: 'Deployment', metadata: { name: 'kube-eventer' }, spec: { containers: [container] } };

  test.each([
    [{ data: { main: Buffer.from('honeycomb:?writekey=k').toString('base64') } }],
    [{ stringData: { main: 'honeycomb:?writekey=k' } }],
  ])('is read from %j', async (data) => {
    const secret = { kind: 'Secret', metadata: { name: 'sinks' }, ...data };
    const { read } = await importText('kube-eventer', [workload, secret].map((one) => stringify(one)).join('---\n'));

    expect(await read('secrets/honeycomb/kube-eventer.json')).toEqual({ apiKey: 'k' });
  });

  test('that is not in the file is asked for', async () => {
    const { run, notes } = await importText('kube-eventer', stringify(workload));

    expect(run.code).toBe(1);
    expect(notes).toContain(
      'not carried: --sink=...: is $(SINK), whose value is not in the file: add the Secret or ConfigMap that has it',
    );
  });
});

describe('a chat without a filter', () => {
  test('is pointed out', async () => {
    const { notes } = await importSink('dingtalk:https://oapi.dingtalk.com/robot/send?access_token=t&level=all');

    expect(notes).toContainEqual(
      expect.stringMatching(/^note: destinations\/dingtalk\/kube-eventer\.json: filter is not given/),
    );
  });
});
