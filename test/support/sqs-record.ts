import type { SQSRecord } from 'aws-lambda';

/** A record as a function gets it, of which only what a test says is of interest. */
export function sqsRecord(
  id: string,
  {
    body = `body of ${id}`,
    receives = 1,
    attributes = {},
  }: {
    readonly body?: string;
    readonly receives?: number | string;
    readonly attributes?: Readonly<Record<string, string>>;
  } = {},
): SQSRecord {
  return {
    messageId: id,
    receiptHandle: `handle-${id}`,
    body,
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: '0',
      SenderId: '',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, stringValue]) => [name, { dataType: 'String', stringValue }]),
    ),
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:q',
    awsRegion: '',
  };
}
