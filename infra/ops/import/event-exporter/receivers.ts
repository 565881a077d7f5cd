import { at, isMapping, listAt, textAt, type Mapping } from '../documents.ts';
import { oneOrList } from '../patterns.ts';
import type { Report } from '../report.ts';
import { FILL_IN } from '../report.ts';
import { teams, webhook } from './http-receivers.ts';
import { body } from './layout.ts';
import type { Block, MappedReceiver, ReadReceiver, ReceiverMapping } from './receiver.ts';
import { tls } from './tls.ts';

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

const mappings: Readonly<Record<string, ReceiverMapping>> = {
  stdout: {
    options: ['layout', 'deDot'],
    map({ block, place, report }) {
      if (block['layout'] !== undefined)
        report.add('not carried', `${place}.layout`, 'the log sink writes the whole event');
      return { type: 'log', document: {}, secrets: {} };
    },
  },
  webhook,
  teams,
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
