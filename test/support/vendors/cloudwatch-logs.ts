import { textOf } from '../../../functions/core/contract/untrusted.ts';
import { AwsError } from '../aws/server.ts';
import { demand, entriesOf, startVendor, type AwsVendor } from './aws.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** CloudWatch Logs' PutLogEvents at a time: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
export function startCloudWatchLogs(group: string, now: () => number): Promise<AwsVendor> {
  const streams = new Set<string>();
  return startVendor({
    operation: 'PutLogEvents',
    read({ logGroupName, logStreamName, logEvents }) {
      const stream = textOf(logStreamName);
      demand(logGroupName === group, 'ResourceNotFoundException', 'The specified log group does not exist.');
      demand(streams.has(stream), 'ResourceNotFoundException', 'The specified log stream does not exist.');
      const entries = entriesOf(logEvents, 10_000, 'InvalidParameterException');
      const times = entries.map(({ timestamp }) => Number(timestamp));
      const isAscending = times.every((time, index) => index === 0 || time >= (times[index - 1] ?? 0));
      demand(isAscending, 'InvalidParameterException', 'Log events in a single PutLogEvents request must be in order.');
      const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
      demand(span <= DAY_MS, 'InvalidParameterException', 'The batch of log events spans more than 24 hours.');
      const bytes = entries.reduce((sum, { message }) => sum + Buffer.byteLength(textOf(message)) + 26, 0);
      demand(bytes <= 1_048_576, 'InvalidParameterException', `Upload too large: ${bytes} bytes`);
      return entries.map((entry) => {
        const text = textOf(entry['message']);
        demand(text !== '', 'InvalidParameterException', 'message');
        return { entry, taken: { text, extra: { ...entry, stream } } };
      });
    },
    reply(entries) {
      const times = entries.map(({ timestamp }) => Number(timestamp));
      const oldEnd = times.filter((time) => time < now() - 14 * DAY_MS).length;
      const newStart = times.filter((time) => time <= now() + 2 * 60 * 60 * 1000).length;
      const rejectedLogEventsInfo = {
        ...(oldEnd > 0 && { tooOldLogEventEndIndex: oldEnd }),
        ...(newStart < times.length && { tooNewLogEventStartIndex: newStart }),
      };
      return { ...(Object.keys(rejectedLogEventsInfo).length > 0 && { rejectedLogEventsInfo }) };
    },
    others: {
      CreateLogStream({ logGroupName, logStreamName }) {
        const stream = textOf(logStreamName);
        demand(logGroupName === group, 'ResourceNotFoundException', 'The specified log group does not exist.');
        demand(/^[^:*]{1,512}$/.test(stream), 'InvalidParameterException', 'logStreamName');
        if (streams.has(stream)) throw new AwsError('ResourceAlreadyExistsException', 'The log stream already exists');
        streams.add(stream);
        return {};
      },
    },
  });
}
