import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { HEAP_FLAGS, type ManifestOptions, renderManifest } from '../../relay/manifests/render.ts';

const bundle = Buffer.from('console.log("relay")\n'.repeat(100));
const options: ManifestOptions = {
  bundle,
  queueUrl: 'https://sqs.eu-west-1.amazonaws.com/000000000000/ingest',
  region: 'eu-west-1',
  cluster: 'prod',
  identity: { kind: 'pod-identity' },
};

function documents(changes: Partial<ManifestOptions> = {}) {
  return parseAllDocuments(renderManifest({ ...options, ...changes })).map((document) => document.toJS());
}

function only(kind: string, all: readonly { kind: string; metadata: { name: string } }[]) {
  return all.filter((document) => document.kind === kind);
}

test('holds everything a cluster needs, and nothing cluster-wide but reading events', () => {
  const all = documents();
  expect(all.map(({ kind }) => String(kind)).toSorted((a, b) => a.localeCompare(b))).toEqual([
    'ClusterRole',
    'ClusterRoleBinding',
    'ConfigMap',
    'ConfigMap',
    'Deployment',
    'Namespace',
    'NetworkPolicy',
    'PodDisruptionBudget',
    'Role',
    'RoleBinding',
    'ServiceAccount',
  ]);
  expect(only('ClusterRole', all)).toMatchObject([
    { rules: [{ apiGroups: [''], resources: ['events'], verbs: ['get', 'list', 'watch'] }] },
  ]);
});

test('carries the bundle in an immutable ConfigMap named by its content, which the pod unpacks', () => {
  const all = documents();
  const name = `kube-courier-relay-${createHash('sha256').update(bundle).digest('hex').slice(0, 12)}`;
  const code = all.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name);
  expect(code.immutable).toBe(true);
  expect(gunzipSync(Buffer.from(code.binaryData['relay.mjs.gz'], 'base64')).equals(bundle)).toBe(true);
  const pod = all.find(({ kind }) => kind === 'Deployment').spec.template.spec;
  expect(pod.volumes[0]).toEqual({ name: 'code', configMap: { name } });
  expect(pod.containers[0].securityContext).toMatchObject({ readOnlyRootFilesystem: true });
});

test('runs the image that it is told to, else that of the official Node', () => {
  const imageOf = (changes: Partial<ManifestOptions>): unknown =>
    documents(changes).find(({ kind }) => kind === 'Deployment').spec.template.spec.containers[0].image;
  expect(imageOf({ image: 'registry.example.com/node:24' })).toBe('registry.example.com/node:24');
  expect(imageOf({})).toMatch(/^(docker\.io\/library\/)?node:/);
});

test('names the role on the service account for IRSA, and the Secret on the pod for keys', () => {
  const irsa = documents({ identity: { kind: 'irsa', roleArn: 'arn:aws:iam::000000000000:role/relay' } });
  expect(only('ServiceAccount', irsa)).toMatchObject([
    { metadata: { annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::000000000000:role/relay' } } },
  ]);
  const keys = documents({ identity: { kind: 'secret', name: 'aws-keys' } });
  const [container] = keys.find(({ kind }) => kind === 'Deployment').spec.template.spec.containers;
  expect(container.envFrom).toContainEqual({ secretRef: { name: 'aws-keys' } });
});

test('grants the events of the namespaces it watches only, where some are given', () => {
  const all = documents({ namespaces: ['shop', 'billing'] });
  expect(only('ClusterRoleBinding', all)).toEqual([]);
  expect(
    all
      .filter(({ kind, roleRef }) => kind === 'RoleBinding' && roleRef.kind === 'ClusterRole')
      .map(({ metadata }) => metadata.namespace),
  ).toEqual(['shop', 'billing']);
});

describe('with ENRICH=labels', () => {
  const settings = { ENRICH: 'labels' };

  test('allows to get what has labels, to follow namespaces, and nothing that holds secrets', () => {
    const rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[] = documents({ settings })
      .filter(({ kind }) => kind === 'ClusterRole')
      .flatMap((role) => role.rules);
    const granted = rules.flatMap(({ resources, verbs }) => resources.map((each) => `${each} ${verbs.join(' ')}`));

    expect(granted).toEqual(expect.arrayContaining(['pods get', 'deployments get', 'namespaces get list watch']));
    expect(granted.filter((each) => !each.endsWith(' get'))).toEqual([
      'events get list watch',
      'namespaces get list watch',
    ]);
    expect(rules.flatMap(({ resources }) => resources).filter((each) => /secret|configmap|\*/.test(each))).toEqual([]);
  });

  test('allows it in the namespaces that are watched only, where some are given', () => {
    const all = documents({ settings, namespaces: ['shop', 'billing'] });
    expect(only('ClusterRoleBinding', all)).toEqual([]);
    const bindings = all.filter(({ kind, roleRef }) => kind === 'RoleBinding' && roleRef.kind === 'ClusterRole');
    expect(bindings.map(({ metadata, roleRef }) => `${metadata.namespace}/${metadata.name} ${roleRef.name}`)).toEqual([
      'shop/kube-courier-relay-events kube-courier-relay',
      'billing/kube-courier-relay-events kube-courier-relay',
      'shop/kube-courier-relay-context kube-courier-relay-context',
      'billing/kube-courier-relay-context kube-courier-relay-context',
    ]);
  });
});

test('moves to another namespace as a whole', () => {
  const moved = renderManifest({ ...options, namespace: 'events', settings: { ENRICH: 'labels' } });
  expect(moved).not.toContain('namespace: kube-courier\n');
});

test('new settings restart the pods', () => {
  const annotations = (changes: Partial<ManifestOptions>) =>
    documents(changes).find(({ kind }) => kind === 'Deployment').spec.template.metadata.annotations[
      'kube-courier/settings'
    ];
  expect(annotations({})).toBe(annotations({}));
  expect(annotations({ settings: { START_FROM: 'all' } })).not.toBe(annotations({}));
});

test('fails with a name that no cluster can have', () => {
  expect(() => renderManifest({ ...options, cluster: 'a b' })).toThrow('cluster is "a b"');
});

test('the image bounds memory as the manifest does', async () => {
  const dockerfile = await readFile(new URL('../../relay/Dockerfile', import.meta.url), 'utf8');
  const [container] = documents().find(({ kind }) => kind === 'Deployment').spec.template.spec.containers;
  expect(JSON.parse(/^CMD (.+)$/m.exec(dockerfile)?.[1] ?? '[]').slice(0, -1)).toEqual(HEAP_FLAGS);
  expect(container.command.slice(1, 1 + HEAP_FLAGS.length)).toEqual(HEAP_FLAGS);
  const malloc = container.env.filter(({ name }: { name: string }) => name.startsWith('MALLOC'));
  expect(/^ENV (.+)$/m.exec(dockerfile)?.[1]).toBe(
    malloc.map(({ name, value }: Record<string, string>) => `${name}=${value}`).join(' '),
  );
});
