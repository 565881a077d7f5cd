import { at, isMapping, listAt, scalarText, textAt, type Mapping } from '../documents.ts';
import { translateText } from '../go-template.ts';
import { oneOrList } from '../patterns.ts';
import type { Report } from '../report.ts';
import { FILL_IN } from '../report.ts';

/** What a receiver becomes here. */
export interface MappedReceiver {
  readonly type: string;
  readonly document: Mapping;
  readonly secrets: Mapping;
}

/** A receiver, and whether it is told of repetitions, as some versions of the exporter can. */
export interface ReadReceiver extends MappedReceiver {
  readonly repeats: 'first' | 'all';
}

interface Block {
  readonly block: Mapping;
  readonly place: string;
  readonly report: Report;
}

// In the order in which the exporter looks for them: with several blocks in a receiver, the first wins.
const ORDER: readonly string[] = [
  'inMemory',
  'pipe',
  'webhook',
  'file',
  'syslog',
  'stdout',
  'elasticsearch',
  'kinesis',
  'firehose',
  'opensearch',
  'opsgenie',
  'sqs',
  'sns',
  'slack',
  'kafka',
  'pubsub',
  'opscenter',
  'teams',
  'bigquery',
  'eventbridge',
  'loki',
  'prometheus',
];

interface ReceiverMapping {
  /** The options that `map` reads. */
  readonly options: readonly string[];
  map(source: Block): MappedReceiver;
}

const mappings: Readonly<Record<string, ReceiverMapping>> = {
  stdout: {
    options: ['layout', 'deDot'],
    map({ block, place, report }) {
      if (block['layout'] !== undefined)
        report.add('not carried', `${place}.layout`, 'the log sink writes the whole event');
      return { type: 'log', document: {}, secrets: {} };
    },
  },
  webhook: { options: ['endpoint', 'headers', 'layout', 'tls'], map: mapWebhook },
  elasticsearch: { options: elasticOptions(), map: mapElasticsearch },
  opensearch: { options: elasticOptions(), map: mapElasticsearch },
  kafka: {
    options: ['topic', 'brokers', 'layout', 'clientId', 'compressionCodec', 'version', 'tls', 'sasl'],
    map: mapKafka,
  },
};

function elasticOptions(): readonly string[] {
  return [
    'hosts',
    'username',
    'password',
    'cloudID',
    'apiKey',
    'headers',
    'useEventID',
    'deDot',
    'index',
    'indexFormat',
    'type',
    'tls',
    'layout',
  ];
}

/** Maps a receiver's sink; undefined where there is none of its kind here, which is reported. */
export function mapReceiver(name: string, receiver: Mapping, report: Report): ReadReceiver | undefined {
  const place = `receiver ${name}`;
  const present = ORDER.filter((kind) => receiver[kind] !== undefined && receiver[kind] !== null);
  const [kind, ...others] = present;
  for (const other of Object.keys(receiver).filter((key) => key !== 'name' && !ORDER.includes(key))) {
    report.add('not carried', `${place}: ${other}`, 'is no sink of kubernetes-event-exporter');
  }
  if (kind === undefined) {
    report.add('not carried', place, 'has no sink');
    return undefined;
  }
  if (others.length > 0)
    report.add(
      'not carried',
      place,
      `has several sinks, of which the first counts: ${others.join(', ')} is left out, as there`,
    );
  const mapping = mappings[kind];
  if (mapping === undefined) {
    report.add('not carried', place, `there is no counterpart to its sink ${kind}`);
    return undefined;
  }
  const block = isMapping(receiver[kind]) ? receiver[kind] : {};
  for (const option of Object.keys(block).filter(
    (key) => key !== 'sentUpdateEvent' && !mapping.options.includes(key),
  )) {
    report.add('not carried', `${place}: ${kind}.${option}`, 'has no counterpart');
  }
  const repeats = block['sentUpdateEvent'] === true ? 'all' : 'first';
  return { ...mapping.map({ block, place: `${place}: ${kind}`, report }), repeats };
}

const SECRET_HEADER = /auth|token|key|secret|cookie|signature/i;

function mapWebhook(source: Block): MappedReceiver {
  const { block, place, report } = source;
  const headers: Record<string, string> = {};
  const secretHeaders: Record<string, string> = {};
  for (const [name, value] of Object.entries(isMapping(block['headers']) ? block['headers'] : {})) {
    const text = scalarText(value) ?? '';
    if (text.includes('{{'))
      report.add('not carried', `${place}.headers.${name}`, 'a template in a header is not filled in here');
    else (SECRET_HEADER.test(name) ? secretHeaders : headers)[name] = text;
  }
  return {
    type: 'webhook',
    document: { headers, ...body(source), ...tls(source, ['insecureSkipVerify', 'caFile']) },
    secrets: {
      url: textAt(block, 'endpoint') ?? `https://${FILL_IN}/`,
      ...(Object.keys(secretHeaders).length > 0 && { secretHeaders }),
    },
  };
}

function mapElasticsearch(source: Block): MappedReceiver {
  const { block, place, report } = source;
  const hosts = listAt(block, 'hosts').map(String);
  const cloudId = textAt(block, 'cloudID');
  const format = textAt(block, 'indexFormat') ?? '';
  if (block['layout'] !== undefined)
    report.add('not carried', `${place}.layout`, 'documents have the fields of the sink: see its README');
  if (block['headers'] !== undefined)
    report.add('not carried', `${place}.headers`, 'the sink sends no headers of its own');
  if (block['deDot'] !== undefined)
    report.add('note', `${place}.deDot`, 'not needed: labels are stored so that dots do no harm');
  if (block['type'] !== undefined) report.add('note', `${place}.type`, 'not needed: documents have no type any more');
  // Go's layout of a date, in braces; everything but a trailing day is what our modes do not write.
  const [, base, date] = /^(.*?)-?\{(.*)\}$/.exec(format) ?? [];
  if (format !== '' && date !== '2006-01-02' && date !== '2006.01.02') {
    report.add('not carried', `${place}.indexFormat`, `indices are named <index>-YYYY.MM.DD here, not ${format}`);
  } else if (date === '2006-01-02') {
    report.add('changed', `${place}.indexFormat`, 'the day is written YYYY.MM.DD here');
  }
  const isLatest = block['useEventID'] === true && format === '';
  const username = textAt(block, 'username');
  const password = textAt(block, 'password');
  const apiKey = textAt(block, 'apiKey');
  return {
    type: 'elasticsearch',
    document: {
      ...(cloudId ? { cloudId } : { endpoint: oneOrList(hosts.length > 0 ? hosts : [`https://${FILL_IN}:9200`]) }),
      mode: isLatest ? 'latest' : 'daily',
      index: base ?? textAt(block, 'index') ?? 'kube-events',
      ...(username && { username }),
      ...tls(source, ['insecureSkipVerify', 'caFile']),
    },
    secrets: { ...(apiKey ? { apiKey } : password && { password }) },
  };
}

function mapKafka(source: Block): MappedReceiver {
  const { block, place, report } = source;
  for (const name of ['clientId', 'version']) {
    if (block[name] !== undefined) report.add('note', `${place}.${name}`, 'not needed');
  }
  const isSasl = at(block, 'sasl', 'enable') === true;
  const isTls = at(block, 'tls', 'enable') === true;
  const settings = tls(source, ['enable', 'insecureSkipVerify', 'caFile', 'certFile', 'keyFile']);
  return {
    type: 'kafka',
    document: {
      brokers: listAt(block, 'brokers').map(String),
      topic: textAt(block, 'topic') ?? FILL_IN,
      compression: textAt(block, 'compressionCodec') ?? 'none',
      ...body(source),
      ...(isSasl && { auth: 'plain', username: textAt(block, 'sasl', 'username') ?? FILL_IN }),
      ...(isTls && { tls: settings.tls ?? true }),
    },
    secrets: isSasl ? { password: textAt(block, 'sasl', 'password') ?? FILL_IN } : {},
  };
}

const FILES: Readonly<Record<string, string>> = {
  caFile: 'put its PEM text into tls.ca',
  certFile: 'put its PEM text into the secret clientCertificate',
  keyFile: 'put its PEM text into the secret clientKey',
};

function tls(
  { block, place, report }: Block,
  known: readonly string[],
): { readonly tls?: { readonly insecure: true } } {
  const settings = isMapping(block['tls']) ? block['tls'] : {};
  for (const [name, value] of Object.entries(settings)) {
    if (value === '' || value === false) continue;
    if (!known.includes(name)) report.add('not carried', `${place}.tls.${name}`, 'has no counterpart');
    else if (FILES[name] !== undefined) report.add('fill in', `${place}.tls.${name}`, `names a file: ${FILES[name]}`);
  }
  return settings['insecureSkipVerify'] === true ? { tls: { insecure: true } } : {};
}

/** The exporter sends the Event itself where no layout is given. */
function body({ block, place, report }: Block): Mapping {
  const layout = block['layout'];
  if (layout === undefined || layout === null) return { body: '${ event.raw }' };
  const losses: string[] = [];
  const translated = translateTree(layout, `${place}.layout`, (where, message) => {
    losses.push(where);
    report.add('not carried', where, message);
  });
  if (losses.length === 0) return { body: translated };
  report.add(
    'not carried',
    place,
    'written with enabled false: correct body in the destination and set enabled to true',
  );
  return { body: translated, enabled: false };
}

function translateTree(value: unknown, place: string, lose: (place: string, message: string) => void): unknown {
  if (typeof value === 'string') {
    const { text, losses } = translateText(value);
    for (const { message } of losses) lose(place, message);
    return text;
  }
  if (Array.isArray(value)) return value.map((item, index) => translateTree(item, `${place}[${index}]`, lose));
  if (!isMapping(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      // An expression without quotes is a mapping to YAML: {{ .Name }} is the key "{ .Name }".
      if (/^\{.*\}$|^\[object/.test(name)) lose(place, `${name} is an expression without quotes`);
      return [name, translateTree(inner, `${place}.${name}`, lose)];
    }),
  );
}
