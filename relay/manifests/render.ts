import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { CLUSTER_NAME } from '../../functions/core/contract/cluster-name.ts';

/** How the relay proves to AWS who it is. */
export type RelayIdentity =
  /** IAM roles for service accounts: the role is named on the service account. */
  | { readonly kind: 'irsa'; readonly roleArn: string }
  /** EKS Pod Identity: the association is made on AWS' side, by the namespace and name of the service account. */
  | { readonly kind: 'pod-identity' }
  /** A Secret in the relay's namespace with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, which the manifest does not hold. */
  | { readonly kind: 'secret'; readonly name: string };

export interface ManifestOptions {
  /** The relay for use in a cluster, built: `dist/relay-incluster.mjs`. */
  readonly bundle: Uint8Array;
  readonly queueUrl: string;
  readonly region: string;
  /** The cluster's name, as events will carry it. */
  readonly cluster: string;
  readonly identity: RelayIdentity;
  /** Which namespaces to watch, and to be allowed to read; all if empty. */
  readonly namespaces?: readonly string[];
  /** Where the relay lives. @default kube-courier */
  readonly namespace?: string;
  /** An image with Node 24 as `node`, pinned by digest or from a mirror. @default the official image */
  readonly image?: string;
  /** Further settings of the relay (`START_FROM`, `EVENT_TTL`, `LOG_LEVEL`, ...). What `ENRICH` reads, the relay is allowed to read. */
  readonly settings?: Readonly<Record<string, string>>;
}

export const DEFAULT_NAMESPACE = 'kube-courier';
export const DEFAULT_IMAGE = 'docker.io/library/node:24.21.0-slim';

/** Of the service account too, which the identity's trust policy names. */
const NAME = 'kube-courier-relay';
/** Not the Lease's name: kustomize, which appends a hash to generated names, would rename that in the Role as well. */
const SETTINGS = `${NAME}-settings`;
const CODE_FOLDER = '/code';
const RUN_FOLDER = '/run/relay';
/** What keeps the relay's memory small, besides the settings of malloc in base/deployment.yaml. The Dockerfile has the same. */
export const HEAP_FLAGS: readonly string[] = ['--max-old-space-size=32', '--max-semi-space-size=1'];
// Unpacked to a file, because a bundle that needs createRequire cannot run from a data: URL.
const START = [
  "import { readFileSync, writeFileSync } from 'node:fs'",
  "import { gunzipSync } from 'node:zlib'",
  `writeFileSync('${RUN_FOLDER}/relay.mjs', gunzipSync(readFileSync('${CODE_FOLDER}/relay.mjs.gz')))`,
  `await import('${RUN_FOLDER}/relay.mjs')`,
].join('; ');

/**
 * The relay's manifest, ready for `kubectl apply`, without an image of its own: the official Node image runs the bundle,
 * which travels gzipped in an immutable ConfigMap named by its content. The same options give the same manifest.
 * @throws {Error} naming the option that cannot be used.
 */
export function renderManifest(options: ManifestOptions): string {
  const { namespace = DEFAULT_NAMESPACE, namespaces = [], identity } = options;
  check('cluster', options.cluster, CLUSTER_NAME, 'up to 63 letters, digits, ".", "_" or "-"');
  check('queueUrl', options.queueUrl, /^https?:\/\/[^/]+\/.+/, 'the URL of the ingest queue');
  for (const each of [namespace, ...namespaces]) {
    check('namespace', each, /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'a name of a namespace');
  }
  const code = codeConfigMap(options.bundle, namespace);
  const needed = options.settings?.['ENRICH'] === 'labels' ? documentsIn('enrich-labels') : [];
  const documents = [...documentsIn('base'), ...needed].flatMap((document) => {
    const { kind, metadata } = document;
    if (kind === 'ServiceAccount' && identity.kind === 'irsa') {
      return [
        { ...document, metadata: { ...metadata, annotations: { 'eks.amazonaws.com/role-arn': identity.roleArn } } },
      ];
    }
    if (kind === 'ClusterRoleBinding' && namespaces.length > 0) {
      // Told to watch some namespaces, it may read no others.
      const { name } = metadata;
      const bound = { ...metadata, name: name === NAME ? `${NAME}-events` : name };
      return namespaces.map((each) => ({ ...document, kind: 'RoleBinding', metadata: { ...bound, namespace: each } }));
    }
    return kind === 'Deployment'
      ? [settings(options, namespace), code, deployment(document, options, code)]
      : [document];
  });
  const yaml = { lineWidth: 0, aliasDuplicateObjects: false };
  return documents.map((document) => stringify(inNamespace(document, namespace), yaml)).join('---\n');
}

/** An object of the manifest. */
export interface Document {
  readonly kind: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** The documents of a folder of kustomize, in its order. */
function documentsIn(folder: 'base' | 'enrich-labels'): readonly Document[] {
  const read = (file: string): string => readFileSync(new URL(`${folder}/${file}`, import.meta.url), 'utf8');
  const { resources }: { resources: readonly string[] } = parse(read('kustomization.yaml'));
  return resources.flatMap((file) =>
    parseAllDocuments(read(file)).map((document): Document => {
      const value: unknown = document.toJS();
      if (!isDocument(value)) throw new Error(`${folder}/${file} has a document without kind and metadata`);
      return value;
    }),
  );
}

function codeConfigMap(bundle: Uint8Array, namespace: string): Document {
  const hash = createHash('sha256').update(bundle).digest('hex').slice(0, 12);
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `${NAME}-${hash}`, namespace, labels: { 'app.kubernetes.io/name': NAME } },
    immutable: true,
    binaryData: { 'relay.mjs.gz': gzipSync(bundle, { level: 9 }).toString('base64') },
  };
}

function settings(
  { queueUrl, region, cluster, namespaces = [], settings: more = {} }: ManifestOptions,
  namespace: string,
): Document {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: SETTINGS, namespace, labels: { 'app.kubernetes.io/name': NAME } },
    data: {
      QUEUE_URL: queueUrl,
      AWS_REGION: region,
      CLUSTER_NAME: cluster,
      ...(namespaces.length > 0 && { NAMESPACES: namespaces.join(',') }),
      ...more,
    },
  };
}

function deployment(base: Document, options: ManifestOptions, code: Document): Document {
  const { identity, image = DEFAULT_IMAGE } = options;
  const copy = structuredClone(base);
  if (!isDeployment(copy)) throw new Error('base/deployment.yaml has no pod template');
  const { template } = copy.spec;
  const [relay] = template.spec.containers;
  if (relay === undefined) throw new Error('base/deployment.yaml has no container');
  // Changed settings must restart the pods, which a ConfigMap alone does not.
  const digest = createHash('sha256')
    .update(JSON.stringify(settings(options, '')['data']))
    .digest('hex')
    .slice(0, 12);
  template.metadata.annotations['kube-courier/settings'] = digest;
  relay.image = image;
  relay.command = ['node', ...HEAP_FLAGS, '--input-type=module', '--eval', START];
  relay.envFrom = [
    { configMapRef: { name: SETTINGS } },
    ...(identity.kind === 'secret' ? [{ secretRef: { name: identity.name } }] : []),
  ];
  relay.volumeMounts = [
    { name: 'code', mountPath: CODE_FOLDER, readOnly: true },
    { name: 'run', mountPath: RUN_FOLDER },
  ];
  template.spec.volumes = [
    { name: 'code', configMap: { name: code.metadata['name'] } },
    { name: 'run', emptyDir: { medium: 'Memory', sizeLimit: '4Mi' } },
  ];
  return { ...copy };
}

interface ContainerDocument {
  image?: string;
  command?: readonly string[];
  envFrom?: readonly unknown[];
  volumeMounts?: readonly unknown[];
  resources?: unknown;
}

export interface DeploymentDocument extends Document {
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly annotations: Record<string, string> };
      readonly spec: { readonly containers: readonly ContainerDocument[]; volumes?: readonly unknown[] };
    };
  };
}

/** The document with the relay's namespace in place of the base's, wherever it is named. */
function inNamespace(document: Document, namespace: string): unknown {
  if (namespace === DEFAULT_NAMESPACE) return document;
  const { kind, metadata } = document;
  const own = kind === 'Namespace' ? { name: namespace } : {};
  const moved = metadata['namespace'] === DEFAULT_NAMESPACE ? { namespace } : {};
  const subjects = document['subjects'];
  return {
    ...document,
    metadata: { ...metadata, ...own, ...moved },
    ...(Array.isArray(subjects) && { subjects: subjects.map((subject: object) => ({ ...subject, namespace })) }),
  };
}

/** Whether a value is an object as Kubernetes has them. */
export function isDocument(value: unknown): value is Document {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    typeof value.kind === 'string' &&
    'metadata' in value
  );
}

/** Whether it is the one Deployment of the manifest. */
export function isDeployment(value: Document): value is DeploymentDocument {
  return value.kind === 'Deployment' && 'spec' in value;
}

function check(option: string, value: string, pattern: RegExp, expected: string): void {
  if (!pattern.test(value)) throw new Error(`${option} is "${value}": it must be ${expected}`);
}
