import { type Change, eventCount, type KubeEvent } from '../../functions/core/contract/event.ts';
import type { GapCause } from '../../functions/core/contract/message.ts';
import { recordOf, textOf } from '../../functions/core/contract/untrusted.ts';
import type { Counts } from './counts.ts';
import type { Logger } from '../log.ts';
import { eventMessage, gapMessage, type Outgoing, withContext } from '../queue/message.ts';
import type { RelayMetrics } from '../metrics.ts';
import type { Enrichment } from '../context/enrichment.ts';
import { involvedObject } from '../context/object.ts';
import type { Refused } from '../queue/backlog.ts';
import type { Outbox } from '../queue/outbox.ts';
import type { Watermark } from './watermark.ts';

/** Puts what a stream reads into the outbox, in its order. */
export interface Intake {
  /**
   * An event of a watch.
   * @param after the version that the cursor may take once this event and all before it are accepted, if it may take one.
   */
  live(change: 'added' | 'modified', event: KubeEvent, after: string | undefined): void;
  /** A whole list begins. */
  beginList(): void;
  /** A listed event. One that is not `wanted`, because the cursor covers it, is not sent: only what it tells is remembered. */
  listed(event: KubeEvent, wanted: boolean): void;
  /** The list has come to its end. */
  endList(): void;
  /**
   * Declares that events since `fromMs` may have been missed. The cursor cannot pass the declaration before the queue has it.
   * @param fromMs epoch milliseconds; 0 if it is not known since when.
   */
  declareGap(cause: GapCause, fromMs: number, detail?: string): void;
}

export function createIntake(
  { name, cluster }: { readonly name: string; readonly cluster: string },
  watermark: Watermark,
  ports: {
    readonly outbox: Outbox;
    readonly counts: Counts;
    readonly enrichment: Enrichment;
    readonly metrics: RelayMetrics;
    readonly log: Logger;
    /** The API server's clock, epoch milliseconds. */
    readonly serverNow: () => number;
  },
): Intake {
  const { outbox, counts, enrichment, metrics, log, serverNow } = ports;
  /** How many counts had been forgotten when the list under way, and the last whole one, began. */
  let forgottenAtBegin: number | undefined;
  let forgottenAtList: number | undefined;

  /** A gap's message, and what says and counts that there is one. */
  function gapOf(cause: GapCause, fromMs: number, detail?: string): { message: Outgoing; declare: () => void } {
    const toMs = serverNow();
    const from = new Date(Math.min(fromMs === 0 ? toMs : fromMs, toMs)).toISOString();
    const to = new Date(toMs).toISOString();
    return {
      message: gapMessage(cluster, { from, to, cause, detail }),
      declare() {
        metrics.gaps.add(1, { cause });
        metrics.gapSeconds.add((toMs - Date.parse(from)) / 1000);
        log('error', 'events may have been missed', { stream: name, cause, from, to, detail });
      },
    };
  }

  /** The count seen before, as far as it is known: a reader takes a wrong one for the truth. */
  function previousCount(change: Change, event: KubeEvent): number | undefined {
    const uid = textOf(recordOf(event.metadata)['uid']);
    if (uid === '') return undefined;
    // All that exists was seen in a list, and what has happened more than once is still remembered.
    const isComplete = forgottenAtList === counts.forgotten;
    const remembered = counts.see(uid, eventCount(event));
    if (remembered !== undefined || change === 'listed') return remembered;
    if (change === 'added') return 0;
    return isComplete ? 1 : undefined;
  }

  /** What is to be done when the event is on the queue, and in its place if the queue refuses it. Holds nothing of its message. */
  function fatesOf(change: Change, id: string, done: () => void): { accepted: () => void; refused: Refused } {
    const readAt = performance.now();
    return {
      accepted() {
        if (change !== 'listed') metrics.acceptSeconds.observe((performance.now() - readAt) / 1000);
        done();
      },
      refused(code, detail) {
        const { message: gap, declare } = gapOf('refused', 0, `${id}: ${code} ${detail}`);
        return { message: gap, sent: declare };
      },
    };
  }

  function send(change: Change, event: KubeEvent, after: string | undefined, observedMs: number): void {
    const { uid, resourceVersion } = recordOf(event.metadata);
    const message = eventMessage(cluster, change, event, previousCount(change, event));
    // Pending from now on, whatever it waits for: no version behind it becomes the cursor before it is on the queue.
    const done = watermark.add(after, observedMs);
    const { accepted, refused } = fatesOf(change, `${cluster}/${textOf(uid)}/${textOf(resourceVersion)}`, done);
    metrics.seen.add(1, { change });
    metrics.events?.add(1, labelsOf(event));
    metrics.lastEvent.set(Date.now() / 1000);
    enrichment.enrich(event, message.body.length, (context) => {
      outbox.push(withContext(message, context), accepted, refused);
    });
  }

  return {
    live: (change, event, after) => send(change, event, after, serverNow()),
    beginList() {
      forgottenAtBegin = counts.forgotten;
      forgottenAtList = undefined;
    },
    listed(event, wanted) {
      if (wanted) {
        // A listed event is no proof that everything up to now was seen.
        send('listed', event, undefined, 0);
        return;
      }
      metrics.covered.add(1);
      previousCount('listed', event);
      enrichment.learn(event);
    },
    endList() {
      forgottenAtList = forgottenAtBegin;
    },
    declareGap(cause, fromMs, detail) {
      const { message, declare } = gapOf(cause, fromMs, detail);
      declare();
      const done = watermark.add(undefined, 0);
      enrichment.pass(() => outbox.push(message, done));
    },
  };
}

/** What an event is counted by. */
function labelsOf(event: KubeEvent) {
  const { kind, namespace } = involvedObject(event);
  return { type: textOf(event.type), reason: textOf(event.reason), kind, namespace };
}
