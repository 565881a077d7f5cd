import type { ClusterEvent } from '../contract/event.ts';
import { delivered, rejected, retry, split, type Outcome } from '../contract/outcome.ts';
import { recordOf, textOf } from '../contract/untrusted.ts';
import { printable } from '../contract/printable.ts';

/** What a sink said of one event. */
export interface Answer {
  readonly event: ClusterEvent;
  readonly outcome: Outcome;
}

/** What a sink's texts are cleaned with. */
export interface Cleaning {
  /** Strikes the destination's secrets out. */
  readonly redact: (text: string) => string;
  /** The codes the sink has declared. */
  readonly codes: object;
}

const noOutcome = retry('unknown_outcome', 'the sink returned no outcome for this event');

/**
 * Reads what `send` returned for a parcel, whatever that is: one outcome for each of its events, of known fields only, in one
 * line of text, without secrets. Unknown means failed.
 */
export function readAnswers(result: unknown, events: readonly ClusterEvent[], cleaning: Cleaning): readonly Answer[] {
  if (Array.isArray(result) && result.length === events.length) {
    return events.map((event, index) => ({ event, outcome: readOutcome(result[index], cleaning) }));
  }
  const outcome = readOutcome(result, cleaning);
  return events.map((event) => ({ event, outcome }));
}

/** One outcome of known fields only, in one line of text, without secrets. */
export function readOutcome(value: unknown, cleaning: Cleaning): Outcome {
  const { status, scope, afterMs, reconnect, warning } = recordOf(value);
  switch (status) {
    case 'delivered':
      return typeof warning === 'string' ? { ...delivered, warning: printable(cleaning.redact(warning)) } : delivered;
    case 'retry':
      return retry(...reasonOf(value, cleaning), {
        ...(typeof afterMs === 'number' && Number.isFinite(afterMs) && { afterMs }),
        ...(reconnect === true && { reconnect }),
      });
    case 'rejected':
      return rejected(scope === 'event' ? 'event' : 'destination', ...reasonOf(value, cleaning));
    case 'split':
      return split(...reasonOf(value, cleaning));
    default:
      return noOutcome;
  }
}

function reasonOf(value: unknown, { redact, codes }: Cleaning): [code: string, detail: string] {
  const { code, detail } = recordOf(value);
  const clean = printable(redact(textOf(detail)));
  // A code the sink has declared is a constant, even where it contains a word that somebody chose as a password.
  if (typeof code === 'string' && Object.hasOwn(codes, code)) return [code, clean];
  const word = printable(redact(textOf(code)))
    .replace(/\W+/g, '_')
    .slice(0, 64);
  return [word || 'unknown', clean];
}
