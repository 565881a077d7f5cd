import { isMapping, type Mapping } from '../documents.ts';
import type { Report } from '../report.ts';
import { eventbridge, firehose, kinesis, sns, sqs } from './aws-receivers.ts';
import { elasticsearch, opensearch } from './elasticsearch.ts';
import { webhook } from './http-receivers.ts';
import { kafka } from './kafka.ts';
import { loki } from './loki.ts';
import { isOn, reportLeftOver } from './options.ts';
import type { ReadReceiver, ReceiverMapping } from './receiver.ts';
import { opsgenie, slack, teams } from './people-receivers.ts';
import { pubsub } from './pubsub.ts';
import { file, pipe, stdout } from './stream-receivers.ts';

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
  stdout,
  pipe,
  file,
  webhook,
  slack,
  teams,
  opsgenie,
  elasticsearch,
  opensearch,
  kafka,
  loki,
  sns,
  sqs,
  kinesis,
  firehose,
  eventbridge,
  pubsub,
};

/** What to use instead of a sink that is not to come. */
const INSTEAD: Readonly<Record<string, string>> = {
  bigquery: 'send to pubsub with a BigQuery subscription, or keep the archive (s3) and load it from there',
  syslog: 'send to loki, or to the log sink and forward its log group',
  opscenter: 'send to eventbridge, with a rule whose target is OpsCenter',
  prometheus: 'the relay counts events itself: kube_courier_events_total',
  inMemory: 'it keeps nothing, there as here',
};

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
    const instead = INSTEAD[kind];
    report.add(
      'not carried',
      place,
      `there is no counterpart to its sink ${kind}${instead === undefined ? '' : `: ${instead}`}`,
    );
    return undefined;
  }
  const block = isMapping(receiver[kind]) ? receiver[kind] : {};
  const source = { block, place: `${place}: ${kind}`, report };
  reportLeftOver(source, { ...mapping.options, sentUpdateEvent: true });
  const mapped = mapping.map(source);
  return mapped && { ...mapped, repeats: isOn(source, 'sentUpdateEvent') ? 'all' : 'first' };
}
