import { createHandler, type SinkHandler } from '../../functions/core/runtime/handler.ts';
import { recordOf } from '../../functions/core/contract/untrusted.ts';
import { MODEL_ENDPOINT, type SqsModel } from './sqs-model.ts';
import type { AnySink } from './sink-under-test.ts';

/** What became of events, by the metrics of a function. */
export type Ends = Map<string, number>;

/**
 * The real handler of a sink on a model of SQS, whose queues are `own` and `dead`: an environment of its own.
 * @param folder holds its destinations and secrets.
 * @param ends is added to.
 */
export function sinkFunction(
  sink: AnySink,
  sqs: SqsModel,
  {
    folder,
    ends,
    sleep,
  }: { readonly folder: string; readonly ends: Ends; readonly sleep?: (ms: number) => Promise<void> },
): SinkHandler {
  return createHandler(sink, {
    env: {
      DESTINATIONS: `file:${folder}`,
      QUEUE_URL: `${MODEL_ENDPOINT}/own`,
      DEAD_LETTER_QUEUE_URL: `${MODEL_ENDPOINT}/dead`,
    },
    output: { stdout: (line) => count(line, ends), stderr: () => {} },
    now: () => new Date(sqs.now()),
    ...(sleep && { sleep }),
    queueCalls: sqs.calls,
  });
}

function count(line: string, ends: Ends): void {
  for (const [name, value] of Object.entries(recordOf(JSON.parse(line))))
    if (['Delivered', 'Retried', 'Rejected', 'Filtered'].includes(name) && typeof value === 'number')
      ends.set(name, (ends.get(name) ?? 0) + value);
}
