import { gzipSync } from 'node:zlib';
import { parseAllDocuments, stringify } from 'yaml';
import { CLUSTER_NAME } from '../../functions/core/contract/cluster-name.ts';
import { recordOf } from '../../functions/core/contract/untrusted.ts';
import { ENRICH } from '../config.ts';
import {
  DEFAULT_IMAGE,
  isDeployment,
  isDocument,
  renderManifest,
  type Document,
  type DeploymentDocument,
} from './render.ts';

export interface ChartOptions {
  /** The relay for use in a cluster, built: `dist/relay-incluster.mjs`. */
  readonly bundle: Uint8Array;
  /** Of this project; the chart has the same. */
  readonly version: string;
}

/** What a manifest says where the chart says a value: each is allowed there, and found in no other place. */
const STAND_IN = {
  queueUrl: 'https://helm.invalid/queue-url',
  region: 'helm-region',
  cluster: 'helm-cluster',
  namespace: 'helm-namespace',
  image: 'helm-image',
  roleArn: 'helm-role-arn',
  secret: 'helm-secret',
  resources: 'helm-resources',
  digest: 'helm-digest',
  code: 'helm-code',
} as const;

/** The chart's name. */
export const CHART_NAME = 'kube-courier-relay';

const CODE_FILE = 'files/relay.mjs.gz';

/** A value that has no default. Helm's own message for one that is missing does not say what to do. */
const needed = (name: string, example: string): string =>
  `required "${name} is missing: --set ${name}=${example}" .Values.${name} | quote`;

const EXPRESSIONS: Readonly<Record<keyof typeof STAND_IN, string>> = {
  queueUrl: needed('queueUrl', 'URL, the output IngestQueueUrl of the stack'),
  region: needed('region', 'eu-west-1'),
  cluster: needed('cluster', 'prod'),
  namespace: '.Release.Namespace',
  image: '.Values.image | quote',
  roleArn: '. | quote',
  secret: '. | quote',
  resources: 'toYaml .Values.resources | nindent 12',
  digest:
    'list .Values.queueUrl .Values.region .Values.cluster .Values.namespaces .Values.enrich .Values.settings | toJson | sha256sum | trunc 12 | quote',
  code: `.Files.Get "${CODE_FILE}" | b64enc`,
};

/**
 * The relay's Helm chart, as its files by their paths. It is made of {@link renderManifest}'s own output, so that both install the same
 * objects. The namespace is the release's; `helm install --create-namespace` makes it.
 */
export function chartFiles({ bundle, version }: ChartOptions): ReadonlyMap<string, string | Uint8Array> {
  const manifest = renderManifest({
    bundle,
    queueUrl: STAND_IN.queueUrl,
    region: STAND_IN.region,
    cluster: STAND_IN.cluster,
    namespace: STAND_IN.namespace,
    image: STAND_IN.image,
    identity: { kind: 'irsa', roleArn: STAND_IN.roleArn },
    settings: { ENRICH: 'labels' },
  });
  const documents = parseAllDocuments(manifest)
    .map((document): unknown => document.toJS())
    .filter(isDocument);
  const templates = documents.filter(({ kind }) => kind !== 'Namespace').map(template);
  return new Map<string, string | Uint8Array>([
    ['Chart.yaml', chartYaml(version)],
    ['values.yaml', valuesYaml(resourcesOf(documents))],
    ['values.schema.json', `${JSON.stringify(VALUES_SCHEMA, null, 2)}\n`],
    ['templates/relay.yaml', templates.join('---\n')],
    ['templates/NOTES.txt', NOTES],
    [CODE_FILE, gzipSync(bundle, { level: 9 })],
  ]);
}

function template(document: Document): string {
  if (isDeployment(document)) return deploymentTemplate(document);
  switch (document.kind) {
    case 'ConfigMap':
      return document['binaryData'] ? codeTemplate(document) : settingsTemplate(document);
    case 'ServiceAccount':
      return optional(written(document), /^ {2}annotations:\n {4}.*\n/m, 'with .Values.roleArn');
    case 'ClusterRole':
      return ofLabels(document, written(document));
    case 'ClusterRoleBinding':
      return ofLabels(document, bindingTemplate(document));
    default:
      return written(document);
  }
}

function codeTemplate(document: Document): string {
  return written({ ...document, binaryData: { 'relay.mjs.gz': STAND_IN.code } });
}

/** The data, which values may add to, are the end of the text. */
function settingsTemplate(document: Document): string {
  const { kind, data, ...rest } = document;
  const { ENRICH: _, ...needed } = recordOf(data);
  return `${written({ kind, ...rest, data: needed })}{{- with .Values.namespaces }}
  NAMESPACES: {{ join "," . | quote }}
{{- end }}
{{- if ne .Values.enrich "owners" }}
  ENRICH: {{ .Values.enrich | quote }}
{{- end }}
{{- range $name, $value := .Values.settings }}
  {{ $name }}: {{ $value | toString | quote }}
{{- end }}
`;
}

function deploymentTemplate(document: DeploymentDocument): string {
  const copy = structuredClone(document);
  const { template: pod } = copy.spec;
  pod.metadata.annotations['kube-courier/settings'] = STAND_IN.digest;
  for (const container of pod.spec.containers) {
    container.resources = STAND_IN.resources;
    container.envFrom = [...(container.envFrom ?? []), { secretRef: { name: STAND_IN.secret } }];
  }
  return optional(written(copy), /^ *- secretRef:\n.*\n/m, 'with .Values.awsSecret');
}

/** Told to watch some namespaces, the relay may read no others. */
function bindingTemplate(document: Document): string {
  const name = isOfLabels(document) ? document.metadata['name'] : `${String(document.metadata['name'])}-events`;
  const metadata = { ...document.metadata, name, namespace: '.' };
  const inOne = written({ ...document, kind: 'RoleBinding', metadata })
    .replace('  namespace: .\n', '  namespace: {{ . }}\n')
    .replaceAll('.Release', '$.Release');
  return `{{- if .Values.namespaces }}
{{- range .Values.namespaces }}
---
${inOne}{{- end }}
{{- else }}
${written(document)}{{- end }}
`;
}

function isOfLabels({ metadata }: Document): boolean {
  return String(metadata['name']).endsWith('-context');
}

/** What only a relay that looks up labels needs. */
function ofLabels(document: Document, text: string): string {
  return isOfLabels(document) ? `{{- if eq .Values.enrich "labels" }}\n${text}{{- end }}\n` : text;
}

function optional(text: string, lines: RegExp, condition: string): string {
  if (!lines.test(text)) throw new Error(`the manifest has no ${lines.source}`);
  return text.replace(lines, (found) => `{{- ${condition} }}\n${found}{{- end }}\n`);
}

/** A document as YAML, with expressions in the place of what stands in for them. */
function written(document: unknown): string {
  const text = stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
  if (text.includes('{{')) throw new Error('the manifest has what Helm would take for an expression');
  return names.reduce((all, name) => all.replaceAll(STAND_IN[name], `{{ ${EXPRESSIONS[name]} }}`), text);
}

const names = Object.keys(STAND_IN).filter((name): name is keyof typeof STAND_IN => name in STAND_IN);

function resourcesOf(documents: readonly Document[]): unknown {
  return documents.find(isDeployment)?.spec.template.spec.containers[0]?.resources;
}

function chartYaml(version: string): string {
  return stringify({
    apiVersion: 'v2',
    name: CHART_NAME,
    description: "kube-courier's relay: puts the cluster's events on SQS, losing none.",
    type: 'application',
    version,
    appVersion: version,
    // unhealthyPodEvictionPolicy of pod disruption budgets is stable since then.
    kubeVersion: '>=1.31.0-0',
  });
}

function valuesYaml(resources: unknown): string {
  return `# The ingest queue: the output IngestQueueUrl of the stack.
queueUrl: ""
# The queue's region.
region: ""
# The cluster's name, as its events will carry it.
cluster: ""

# Who the relay is for AWS. With IAM roles for service accounts: the role, which the stack names.
roleArn: ""
# Where there is no such identity: a Secret in the release's namespace with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
# With EKS Pod Identity, neither.
awsSecret: ""

# Watch only these namespaces, and be allowed to read no others; all where the list is empty.
namespaces: []
# What is added to events of the objects that they are about: owners, labels (adds the rights for that), or none.
enrich: owners
# Further settings of the relay, such as LOG_LEVEL: debug. Its README lists them.
settings: {}

# An image with Node 24 as \`node\`: a mirror, or pinned by digest.
image: ${DEFAULT_IMAGE}
${stringify({ resources })}`;
}

const VALUES_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  additionalProperties: false,
  properties: {
    global: { type: 'object', description: "Helm's own." },
    queueUrl: { type: 'string', pattern: '^$|^https?://[^/]+/.+' },
    region: { type: 'string' },
    cluster: { type: 'string', pattern: `^$|${CLUSTER_NAME.source}` },
    roleArn: { type: 'string', pattern: '^$|^arn:[^:]+:iam::' },
    awsSecret: { type: 'string' },
    namespaces: { type: 'array', items: { type: 'string', minLength: 1 } },
    enrich: { enum: ENRICH },
    settings: { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } },
    image: { type: 'string', minLength: 1 },
    resources: { type: 'object' },
  },
};

const NOTES = `The relay of {{ .Values.cluster }} is being started in the namespace {{ .Release.Namespace }}.

  kubectl --namespace {{ .Release.Namespace }} rollout status deployment/kube-courier-relay

Within five minutes "ops status" shows its heartbeat.
`;
