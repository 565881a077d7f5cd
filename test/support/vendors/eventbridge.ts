import { isRecord, textOf } from '../../../functions/core/contract/untrusted.ts';
import { AwsError } from '../aws/server.ts';
import { demand, entriesOf, startVendor, type AwsVendor } from './aws.ts';

/** Amazon EventBridge's PutEvents with the sizes of https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html */
export function startEventBridge(busArn: string): Promise<AwsVendor> {
  return startVendor({
    operation: 'PutEvents',
    read({ Entries }) {
      const entries = entriesOf(Entries, 10, 'ValidationException');
      const bytes = entries.reduce(
        (sum, { Source, DetailType, Detail }) =>
          sum + [Source, DetailType, Detail].reduce((all: number, text) => all + Buffer.byteLength(textOf(text)), 14),
        0,
      );
      demand(bytes <= 262_144, 'ValidationException', 'Total size of the entries in the request is over the limit.');
      return entries.map((entry) => {
        const { EventBusName, Source, DetailType, Time, Detail } = entry;
        // A bus that does not exist takes events and loses them: a test must not reach that.
        if (EventBusName !== busArn) throw new Error(`events for ${textOf(EventBusName)} are lost`);
        demand(/^(?!aws\.).{1,256}$/.test(textOf(Source)), 'ValidationException', 'Source');
        demand(/^.{1,128}$/.test(textOf(DetailType)), 'ValidationException', 'DetailType');
        demand(
          typeof Time === 'number' && Time > 1_000_000_000 && Time < 10_000_000_000,
          'ValidationException',
          'Time',
        );
        demand(isRecord(JSON.parse(textOf(Detail))), 'ValidationException', 'Detail');
        return { entry, taken: { text: textOf(Detail), extra: entry } };
      });
    },
    reply: (entries, codes) => ({
      FailedEntryCount: codes.filter(Boolean).length,
      Entries: entries.map((_, index) =>
        codes[index] ? { ErrorCode: codes[index], ErrorMessage: 'refused' } : { EventId: `e-${index}` },
      ),
    }),
    others: {
      DescribeEventBus({ Name }) {
        if (Name !== busArn)
          throw new AwsError('ResourceNotFoundException', `Event bus ${textOf(Name)} does not exist.`);
        return { Arn: busArn };
      },
    },
  });
}
