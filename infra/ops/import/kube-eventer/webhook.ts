import { translateBody } from '../go-template.ts';
import type { Mapping } from '../documents.ts';
import { asWritten } from '../environment.ts';
import { FILL_IN } from '../report.ts';
import { nativeFor, replyFor } from '../robots.ts';
import { kubeEventerFilter, WEBHOOK_FILTER } from './filter.ts';
import { zoneOf } from './chat.ts';
import type { SinkMapping, SinkSource } from './sink.ts';
import { urlOf } from './sink-uri.ts';

/** What kube-eventer sends where no template is given. */
const DEFAULT_BODY = {
  EventType: '${ event.type }',
  EventKind: '${ event.object.kind }',
  EventReason: '${ event.reason }',
  EventTime: '${ event.lastSeen }',
  EventMessage: '${ event.message }',
};

export const webhook: SinkMapping = {
  type: 'webhook',
  options: [
    'method',
    'header',
    'level',
    'namespaces',
    'kinds',
    'reason',
    'custom_body_configmap',
    'custom_body_configmap_namespace',
  ],
  unneeded: {},
  map(source) {
    const { uri, options, place, report } = source;
    const { headers, secretHeaders } = readHeaders(source);
    const method = options.one('method') ?? 'GET';
    const filter = kubeEventerFilter(options, WEBHOOK_FILTER, place, report);
    const body = readBody(source);
    // What is left in the query belongs to the receiver.
    const query = options
      .rest()
      .map((pair) => pair.source)
      .join('&');
    const base = urlOf(uri.base, `https://${FILL_IN}/`, source);
    const url = query === '' ? base : `${base}?${query}`;
    // What kube-eventer sends without a template of the user's own, no robot takes.
    const isDefault = body['body'] === DEFAULT_BODY && body['enabled'] === undefined;
    const native = isDefault ? nativeFor(url, place, report) : undefined;
    if (native) return { ...native, document: { ...native.document, timeZone: zoneOf(source.environment), ...filter } };
    return {
      document: { method: method.toUpperCase(), headers, ...filter, ...body, ...replyFor(url, place, report) },
      secrets: {
        url,
        ...(Object.keys(secretHeaders).length > 0 && { secretHeaders }),
      },
    };
  },
};

const SECRET_HEADER = /auth|token|key|secret|cookie|signature/i;

function readHeaders({ options, place, report }: SinkSource): {
  readonly headers: Readonly<Record<string, string>>;
  readonly secretHeaders: Readonly<Record<string, string>>;
} {
  const headers: Record<string, string> = {};
  const secretHeaders: Record<string, string> = {};
  for (const header of options.all('header')) {
    const equals = header.indexOf('=');
    const name = header.slice(0, Math.max(equals, 0));
    const value = header.slice(equals + 1);
    if (equals < 0) {
      report.add('not carried', `${place} header`, 'has no =, so kube-eventer does not send it either');
      continue;
    }
    if (value.includes('=')) {
      report.add(
        'changed',
        `${place} header ${name}`,
        'kube-eventer drops a header whose value contains =, here it is sent',
      );
    }
    (SECRET_HEADER.test(name) ? secretHeaders : headers)[name] = value;
  }
  return { headers, secretHeaders };
}

function readBody({ options, environment, configMap, report }: SinkSource): Mapping {
  const name = options.one('custom_body_configmap');
  const namespace = options.one('custom_body_configmap_namespace') ?? 'default';
  if (name === undefined) return { body: DEFAULT_BODY };
  const content = configMap(asWritten(name), asWritten(namespace), 'content');
  const where = `ConfigMap ${namespace}/${name}`;
  if (content === undefined) {
    report.add(
      'not carried',
      where,
      'its key content is not in the file: written with the default body and enabled false; add the ConfigMap to the file, or write body and set enabled to true',
    );
    return { body: DEFAULT_BODY, enabled: false };
  }
  const { body, losses } = translateBody(content, zoneOf(environment));
  for (const { line, message } of losses) report.add('not carried', `${where} content line ${line}`, message);
  if (losses.length === 0) return { body };
  report.add(
    'not carried',
    where,
    'written with enabled false: correct body in the destination and set enabled to true',
  );
  return { body: body ?? DEFAULT_BODY, enabled: false };
}
