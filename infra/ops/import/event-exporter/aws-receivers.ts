import { FILL_IN_LABEL } from '../report.ts';
import { isOn, textIn } from './options.ts';
import type { Block, ReceiverMapping } from './receiver.ts';

/** Stands for the account, which the exporter's configuration does not name. */
const NO_ACCOUNT = '000000000000';

export const sns: ReceiverMapping = {
  options: { topicARN: true, region: true, layout: true },
  map(source) {
    const arn = textIn(source, 'topicARN') ?? '';
    const topicArn = arn === '' ? arnOf(source, 'sns', FILL_IN_LABEL) : arn;
    return receiver(source, 'sns', { topicArn }, topicArn);
  },
};

export const sqs: ReceiverMapping = {
  options: { queueName: true, region: true, layout: true },
  map(source) {
    const queueArn = arnOf(source, 'sqs', textIn(source, 'queueName') || FILL_IN_LABEL);
    return receiver(source, 'sqs', { queueArn }, queueArn);
  },
};

export const kinesis: ReceiverMapping = {
  options: { streamName: true, region: true, layout: true },
  map(source) {
    const streamArn = arnOf(source, 'kinesis', `stream/${textIn(source, 'streamName') || FILL_IN_LABEL}`);
    return receiver(source, 'kinesis', { streamArn }, streamArn);
  },
};

export const firehose: ReceiverMapping = {
  options: { deliveryStreamName: true, region: true, layout: true, deDot: true },
  map(source) {
    const name = textIn(source, 'deliveryStreamName') || FILL_IN_LABEL;
    const streamArn = arnOf(source, 'firehose', `deliverystream/${name}`);
    if (isOn(source, 'deDot'))
      source.report.add('not carried', `${source.place}.deDot`, 'names of labels stay as they are');
    return receiver(source, 'firehose', { streamArn }, streamArn);
  },
};

export const eventbridge: ReceiverMapping = {
  options: { detailType: true, details: 'mapping', source: true, eventBusName: true, region: true },
  map(source) {
    const busArn = arnOf(source, 'events', `event-bus/${textIn(source, 'eventBusName') || 'default'}`);
    const named = textIn(source, 'source');
    const detailType = textIn(source, 'detailType');
    if (source.block['details'] !== undefined)
      source.report.add('changed', `${source.place}.details`, 'the detail has the fields of the sink: see its README');
    return receiver(
      source,
      'eventbridge',
      { busArn, ...(named && { source: named }), ...(detailType && { detailType }) },
      busArn,
    );
  },
};

function receiver(source: Block, type: string, document: object, arn: string) {
  const { block, place, report } = source;
  if (block['layout'] !== undefined && block['layout'] !== null)
    report.add('changed', `${place}.layout`, 'messages have the fields of the sink: see its README');
  report.add('note', place, `let the function write there: set sinks.${type}.targets to ${arn} for the stack`);
  return { type, document: { ...document }, secrets: {} };
}

/** The exporter names a thing and its region; here it is an ARN, which names the account too. */
function arnOf(source: Block, service: string, resource: string): string {
  const region = textIn(source, 'region') || 'us-east-1';
  source.report.add(
    'fill in',
    source.place,
    `put the number of the account in place of ${NO_ACCOUNT} in the ARN${textIn(source, 'region') ? '' : ', and the region in place of us-east-1'}`,
  );
  return `arn:${partitionOf(region)}:${service}:${region}:${NO_ACCOUNT}:${resource}`;
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  if (region.startsWith('eusc-')) return 'aws-eusc';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
