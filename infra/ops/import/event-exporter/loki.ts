import { isMapping, scalarText, type Mapping } from '../documents.ts';
import { FILL_IN } from '../report.ts';
import { body } from './layout.ts';
import { textIn } from './options.ts';
import type { Block, ReceiverMapping } from './receiver.ts';
import { tls } from './tls.ts';

/** Labels that the sink gives each stream, and those that it gives where an option says so. */
const OWN_LABELS: readonly string[] = ['service_name', 'cluster', 'namespace', 'type'];
const EVENT_LABELS: readonly string[] = ['severity', 'kind', 'reason', 'component'];

/** Lines of Loki. The exporter's are the event as JSON, in one stream, at the time of sending. */
export const loki: ReceiverMapping = {
  options: {
    url: true,
    streamLabels: 'mapping',
    headers: 'mapping',
    tls: { insecureSkipVerify: true, caFile: true },
    layout: true,
  },
  map(source) {
    const { place, report } = source;
    report.add(
      'changed',
      place,
      "streams are by service_name, cluster, namespace and type too, entries have the event's own time, and structured metadata, which needs Loki 3: else set structuredMetadata to false",
    );
    const { body: line, ...others } = body(source);
    const labels = labelsOf(source);
    const { document, secrets } = loginOf(source);
    return {
      type: 'loki',
      document: {
        endpoint: textIn(source, 'url') || `https://${FILL_IN}`,
        ...(Object.keys(labels).length > 0 && { labels }),
        line,
        ...document,
        ...tls(source),
        ...others,
      },
      secrets,
    };
  },
};

function labelsOf({ block, place, report }: Block): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  for (const [name, value] of textsIn(block['streamLabels'])) {
    const where = `${place}.streamLabels.${name}`;
    if (EVENT_LABELS.includes(name))
      report.add('not carried', where, 'is a label of the event here: see the option eventLabels');
    else if (OWN_LABELS.includes(name)) report.add('not carried', where, 'is a label that the sink gives itself');
    else labels[name] = value;
  }
  return labels;
}

/** What of the headers has an option of its own: the tenant, and a login. */
function loginOf({ block, place, report }: Block): { readonly document: Mapping; readonly secrets: Mapping } {
  let document: Mapping = {};
  let secrets: Mapping = {};
  for (const [name, value] of textsIn(block['headers'])) {
    const where = `${place}.headers.${name}`;
    const [, scheme = '', credentials = ''] = /^(basic|bearer) +(\S+)$/i.exec(value) ?? [];
    if (value.includes('{{')) report.add('not carried', where, 'a template in a header is not filled in here');
    else if (/^x-scope-orgid$/i.test(name)) document = { ...document, tenant: value };
    else if (!/^authorization$/i.test(name) || scheme === '')
      report.add('not carried', where, 'the sink sends no headers of its own but the tenant and a login');
    else if (/^bearer$/i.test(scheme)) secrets = { bearerToken: credentials };
    else {
      const [username = '', ...password] = Buffer.from(credentials, 'base64').toString().split(':');
      document = { ...document, username };
      secrets = { password: password.join(':') };
    }
  }
  return { document, secrets };
}

function textsIn(value: unknown): readonly (readonly [name: string, value: string])[] {
  return Object.entries(isMapping(value) ? value : {}).map(([name, each]) => [name, scalarText(each) ?? ''] as const);
}
