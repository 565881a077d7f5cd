import { type Change, eventCount, type GapCause, type KubeEvent } from '../../functions/core/contract/event.ts';
import { recordOf, textOf, textsOf } from '../../functions/core/contract/untrusted.ts';
import type { Counts } from './counts.ts';
import type { Logger } from '../log.ts';
import { eventMessage, gapMessage, type Outgoing } from '../queue/message.ts';
import type { RelayMetrics } from '../metrics.ts';
import type { Outbox } from '../queue/outbox.ts';
import type { Watermark } from './watermark.ts';

/** Puts what a stream reads into the outbox, in its order. */
export interface Intake {
  /** An event to be sent. `after` is the version the cursor may take once it and all before it are accepted. */
  emit(change: Change, event: KubeEvent, after: string | undefined): void;
  /** A listed event that the cursor covers: only its count is remembered. */
  cover(event: KubeEvent): void;
  /** Declares that events since `fromMs` may be missing. The cursor cannot pass it before the queue has it. */
  declareGap(cause: GapCause, fromMs: number, detail?: string): void;
}

export function createIntake(
  { name, cluster }: { readonly name: string; readonly cluster: string },
  mark: Watermark,
  ports: {
    readonly outbox: Outbox;
    readonly counts: Counts;
    readonly metrics: RelayMetrics;
    readonly log: Logger;
    /** The API server's clock, epoch milliseconds. */
    readonly serverNow: () => number;
  },
): Intake {
  const { outbox, counts, metrics, log, serverNow } = ports;

  function gap(cause: GapCause, fromMs: number, detail?: string): Outgoing {
    const toMs = serverNow();
    const from = new Date(Math.min(fromMs === 0 ? toMs : fromMs, toMs)).toISOString();
    const to = new Date(toMs).toISOString();
    metrics.gaps.add(1, { cause });
    metrics.gapSeconds.add((toMs - Date.parse(from)) / 1000);
    log('error', 'events may have been missed', { stream: name, cause, from, to, detail });
    return gapMessage(cluster, { from, to, cause, detail });
  }

  function remember(event: KubeEvent): number | undefined {
    const uid = textOf(recordOf(event.metadata)['uid']);
    return uid !== '' ? counts.see(uid, eventCount(event)) : undefined;
  }

  return {
    emit(change, event, after) {
      const read = performance.now();
      const { uid = '', resourceVersion = '' } = textsOf(event.metadata);
      const message = eventMessage(cluster, change, event, remember(event));
      // An item of a list is no proof that everything up to now was seen.
      const done = mark.add(after, after === undefined ? 0 : serverNow());
      metrics.seen.add(1, { change });
      metrics.lastEvent.set(Date.now() / 1000);
      outbox.push(
        message,
        () => {
          if (change !== 'listed') metrics.acceptSeconds.observe((performance.now() - read) / 1000);
          done();
        },
        (code, detail) => gap('refused', 0, `${cluster}/${uid}/${resourceVersion}: ${code} ${detail}`),
      );
    },
    cover(event) {
      metrics.covered.add(1);
      remember(event);
    },
    declareGap(cause, fromMs, detail) {
      outbox.push(gap(cause, fromMs, detail), mark.add(undefined, 0), () => undefined);
    },
  };
}
