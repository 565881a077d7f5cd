import { pack } from '../../functions/core/contract/envelope.ts';
import { sampleKubeEvent } from '../../functions/core/contract/sample.ts';
import { createHandler, type SinkHandler } from '../../functions/core/runtime/handler.ts';
import type { Surroundings } from '../../functions/core/runtime/function.ts';
import type { ProbeSink } from './probe-sink.ts';
import { MODEL_ENDPOINT, type SqsModel } from './sqs-model.ts';

/**
 * The real handler of a probe on a model of SQS, whose queues are `own` and `dead`. Its destination is `probe/a`.
 * @param folder holds `destinations/probe/a.json`.
 */
export function probeFunction(
  sqs: SqsModel,
  sink: ProbeSink,
  folder: string,
  maxReceives: number,
  others: Pick<Surroundings, 'observe' | 'output'> = {},
): SinkHandler {
  return createHandler(sink, {
    env: {
      DESTINATIONS: `file:${folder}`,
      QUEUE_URL: `${MODEL_ENDPOINT}/own`,
      DEAD_LETTER_QUEUE_URL: `${MODEL_ENDPOINT}/dead`,
      MAX_RECEIVES: String(maxReceives),
    },
    output: { stdout: () => {}, stderr: () => {} },
    now: () => new Date(sqs.now()),
    random: () => 0.5,
    queueCalls: sqs.calls,
    ...others,
  });
}

/** Messages for `probe/a` of the events whose versions are these numbers, so many in each. */
export function probeBodies(numbers: readonly number[], perMessage?: number): readonly string[] {
  const items = numbers.map((number) => {
    const metadata = { ...sampleKubeEvent.metadata, resourceVersion: String(number) };
    const item = { seenAt: '2026-11-23T08:00:00Z', change: 'added', event: { ...sampleKubeEvent, metadata } };
    return { item: JSON.stringify(item) };
  });
  return pack({ cluster: 'prod', destination: 'probe/a' }, items, perMessage).map(({ body }) => body);
}
