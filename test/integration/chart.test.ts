import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { relayBundle } from '../../infra/ops/relay/bundle.ts';
import {
  isDeployment,
  isDocument,
  renderManifest,
  type Document,
  type ManifestOptions,
} from '../../relay/manifests/render.ts';
import { ops } from '../infra/ops/run.ts';
import { installOnce } from '../support/services/cache.ts';
import { helm } from '../support/services/helm.ts';
import { requireService } from '../support/services/service.ts';

const run = promisify(execFile);

const QUEUE = 'https://sqs.eu-west-1.amazonaws.com/123456789012/kube-courier-ingest';
const NEEDED = { queueUrl: QUEUE, region: 'eu-west-1', cluster: 'prod' };
const GIVEN = Object.entries(NEEDED).flatMap(([name, value]) => ['--set', `${name}=${value}`]);

describe.runIf(requireService(helm))("the relay's chart", () => {
  let program: string;
  let folder: string;
  let chart: string;
  let bundle: Uint8Array;

  beforeAll(async () => {
    program = join(await installOnce(helm), 'helm');
    folder = await mkdtemp(join(tmpdir(), 'chart-'));
    chart = join(folder, 'relay');
    bundle = await relayBundle();
    await ops(['relay', 'chart', chart]);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function template(values: readonly string[], namespace = 'kube-courier'): Promise<string> {
    const where = ['--namespace', namespace, '--kube-version', '1.34.0'];
    return (await run(program, ['template', 'relay', chart, ...where, ...values])).stdout;
  }

  async function rendered(values: object, namespace?: string): Promise<readonly object[]> {
    const file = join(folder, 'values.json');
    await writeFile(file, JSON.stringify(values));
    return comparable(await template(['--values', file], namespace));
  }

  function manifest(options: Partial<ManifestOptions>): readonly object[] {
    return comparable(renderManifest({ bundle, ...NEEDED, identity: { kind: 'pod-identity' }, ...options }));
  }

  test.each<[string, object, Partial<ManifestOptions>]>([
    ['with what is needed alone', {}, {}],
    [
      'for a role',
      { roleArn: 'arn:aws:iam::123456789012:role/relay' },
      { identity: { kind: 'irsa', roleArn: 'arn:aws:iam::123456789012:role/relay' } },
    ],
    ['for a secret', { awsSecret: 'aws' }, { identity: { kind: 'secret', name: 'aws' } }],
    ['for some namespaces', { namespaces: ['shop', 'payments'] }, { namespaces: ['shop', 'payments'] }],
    ['that looks up labels', { enrich: 'labels' }, { settings: { ENRICH: 'labels' } }],
    [
      'that looks up labels in one namespace',
      { enrich: 'labels', namespaces: ['shop'] },
      { settings: { ENRICH: 'labels' }, namespaces: ['shop'] },
    ],
    [
      'with another image and settings',
      { image: 'registry.example.com/node@sha256:abc', settings: { LOG_LEVEL: 'debug', SENDS_PER_SECOND: 2 } },
      { image: 'registry.example.com/node@sha256:abc', settings: { LOG_LEVEL: 'debug', SENDS_PER_SECOND: '2' } },
    ],
    ['in another namespace', {}, { namespace: 'watch' }],
  ])('installs the same objects as the manifest: %s', async (_, values, options) => {
    expect(await rendered({ ...NEEDED, ...values }, options.namespace)).toEqual(manifest(options));
  });

  test('installs the objects of the kustomize base, less the namespace, with the relay in the place of an image', async () => {
    const base = join(import.meta.dirname, '../../relay/manifests/base');
    const { resources }: { readonly resources: readonly string[] } = parse(
      await readFile(join(base, 'kustomization.yaml'), 'utf8'),
    );
    const files = await Promise.all(resources.map((file) => readFile(join(base, file), 'utf8')));
    // What the chart says otherwise of the container, and of its volumes.
    const others = { image: '', command: [], envFrom: [], volumeMounts: [] };
    const less = (document: Document): object => {
      if (!isDeployment(document)) return document;
      const { spec } = document.spec.template;
      const containers = spec.containers.map((container) => ({ ...container, ...others }));
      return {
        ...document,
        spec: { ...document.spec, template: { ...document.spec.template, spec: { ...spec, containers, volumes: [] } } },
      };
    };
    const ours = comparable(await template(GIVEN)).filter(({ kind }) => kind !== 'ConfigMap');

    expect(ours.map(less)).toEqual(comparable(files.join('---\n')).map(less));
  });

  test('restarts the pods when a setting changes', async () => {
    const digest = async (settings: object): Promise<unknown> => {
      const text = await template([...GIVEN, '--set-json', `settings=${JSON.stringify(settings)}`]);
      return /kube-courier\/settings: (.*)/.exec(text)?.[1];
    };
    const first = await digest({ LOG_LEVEL: 'info' });
    expect(await digest({ LOG_LEVEL: 'debug' })).not.toBe(first);
    expect(await digest({ LOG_LEVEL: 'info' })).toBe(first);
  });

  test("passes Helm's own check", async () => {
    const { stdout } = await run(program, ['lint', '--strict', chart, '--kube-version', '1.34.0', ...GIVEN]);
    expect(stdout).toContain('0 chart(s) failed');
  });

  test.each([
    [{ ...NEEDED, cluster: '' }, 'cluster is missing: --set cluster=prod'],
    [{ ...NEEDED, enrich: 'label' }, '/enrich'],
    [{ ...NEEDED, queueURL: 'x' }, 'queueURL'],
    [{ ...NEEDED, cluster: 'a b' }, '/cluster'],
  ])('says what is wrong with a value: %j', async (values, said) => {
    await expect(rendered(values)).rejects.toThrow(said);
  });
});

/** The objects in an order of their own, less the namespace, which Helm makes, and the digest of the settings, which it makes otherwise. */
function comparable(yaml: string): readonly Document[] {
  return parseAllDocuments(yaml)
    .map((document): unknown => document.toJS())
    .filter(isDocument)
    .filter(({ kind }) => kind !== 'Namespace')
    .map((document) => {
      if (isDeployment(document)) delete document.spec.template.metadata.annotations['kube-courier/settings'];
      return document;
    })
    .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function keyOf({ kind, metadata }: { readonly kind: string; readonly metadata: object }): string {
  return JSON.stringify([kind, metadata]);
}
