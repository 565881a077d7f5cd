import { unlessAborted } from '../wait.ts';
import { type ListCause, listFilter } from './list-filter.ts';
import type { Happened, Listing } from './phase.ts';
import type { StreamParts } from './stream-parts.ts';
import { type ListTaker, watch } from './watch.ts';

const REASONS: Readonly<Record<ListCause, string>> = {
  start: 'listing what is there',
  expired: 'the version is no longer there: listing',
  restore: 'the cluster was restored to an earlier state: sending everything',
  'cursor-lost': 'the saved cursor is gone: sending everything',
  'empty-watch': 'the server ends watches from this version at once: listing',
  'refused-version': 'the server does not understand the version: listing',
  'repeated-error': 'the server repeats its error for this version: listing',
};

/** Lists all events, in the way that the phase says. Returns undefined if the signal aborts. */
export async function list(stream: StreamParts, phase: Listing, signal: AbortSignal): Promise<Happened | undefined> {
  const { cause, begunMs, how } = phase;
  if (begunMs === undefined) return begin(stream, cause, signal);
  const to = takeList(stream, cause, begunMs);
  if (how === 'pages') return readPages(stream, to, signal);
  if (await stream.ports.api.offersWatchList(signal)) return watch(stream, to, signal);
  return { kind: 'no-watch-list' };
}

/** What precedes a list: the start instant is saved, a gap is declared. */
async function begin(stream: StreamParts, cause: ListCause, signal: AbortSignal): Promise<Happened | undefined> {
  const { options, ports, watermark } = stream;
  const atMs = ports.client.serverNow();
  if (watermark.rv === undefined && watermark.observedMs === 0) {
    watermark.observe(atMs);
    await unlessAborted(ports.save(), signal);
    if (signal.aborted) return undefined;
  }
  stream.pages.forget();
  stream.intake.beginList();
  ports.metrics.relists.add(1, { cause });
  ports.log(cause === 'restore' ? 'warn' : 'info', REASONS[cause], { stream: options.name, cursor: watermark.rv });
  declareGap(stream, cause, atMs);
  return { kind: 'begun', atMs };
}

function declareGap({ options, watermark, intake }: StreamParts, cause: ListCause, nowMs: number): void {
  const { observedMs } = watermark;
  const goneAfterMs = options.eventTtlMs - Math.min(5 * 60_000, options.eventTtlMs / 2);
  if (cause === 'restore' || cause === 'cursor-lost') intake.declareGap(cause, observedMs);
  else if (nowMs - observedMs > goneAfterMs) intake.declareGap('expired', observedMs);
}

/** Takes what a list gives, whichever way it comes. */
function takeList({ options, watermark, intake }: StreamParts, cause: ListCause, begunMs: number): ListTaker {
  const isWanted = listFilter(cause, watermark, options.startFrom);
  return {
    item: (event) => intake.listed(event, isWanted(event)),
    end(version) {
      intake.endList();
      // A list shows what was there when it began, however long its end was in coming.
      watermark.reach(version, begunMs);
    },
  };
}

async function readPages(
  { parser, pages, flow }: StreamParts,
  to: ListTaker,
  signal: AbortSignal,
): Promise<Happened | undefined> {
  const version = await pages.read(
    {
      onItem: (frame) => parser.listItem(frame, (event) => to.item(event)),
      beforePage: () => flow.room(signal),
      afterChunk() {
        flow.moved();
        return flow.ease(signal);
      },
    },
    signal,
  );
  if (version === undefined) return undefined;
  to.end(version);
  return { kind: 'listed', version };
}
