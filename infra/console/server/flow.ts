import { failureText } from '../../ops/failure.ts';
import type { Failure, Flow } from '../contract.ts';
import type { ConsoleSource } from '../source.ts';

/** How long a source may take before it is told of: for longer than that, nobody hears nothing. */
export const FLOW_LIMIT_MS = 5000;

/** What readers are told of the flow. */
export type Told =
  | { readonly event: 'flow'; readonly data: Flow }
  | { readonly event: 'problem'; readonly data: Failure };

/** Asks a source for its flow, one call at a time, however long it takes. */
export function createFlowPoll(
  flow: ConsoleSource['flow'],
  tell: (told: Told) => void,
): {
  /** To be called once a second. */
  poll(now: number): void;
} {
  let startedAt: number | undefined;
  return {
    poll(now) {
      if (startedAt === undefined) {
        startedAt = now;
        void ask();
      } else if (now - startedAt >= FLOW_LIMIT_MS)
        tell({
          event: 'problem',
          data: { error: `the pipeline has not said how it is for ${Math.floor((now - startedAt) / 1000)} s` },
        });
    },
  };

  async function ask(): Promise<void> {
    try {
      tell({ event: 'flow', data: await flow() });
    } catch (error) {
      tell({ event: 'problem', data: { error: `how the pipeline is cannot be found out: ${failureText(error)}` } });
    } finally {
      startedAt = undefined;
    }
  }
}
