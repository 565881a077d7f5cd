import type { KubeEvent } from '../../functions/core/contract/event.ts';
import { endsInitialEvents, versionOf, type WatchFrame } from '../cluster/frame-parser.ts';
import type { Frame } from '../cluster/frames.ts';
import { after, sleep } from '../wait.ts';
import { ENDED_EARLY, type Fault, faultOfFrame } from './fault.ts';
import { advances, type Happened, isProven } from './phase.ts';
import type { StreamParts } from './stream-parts.ts';

/** Takes a list, whichever way it comes. */
export interface ListTaker {
  item(event: KubeEvent): void;
  /** The list is complete; what changed since this version, a watch brings. */
  end(version: string): void;
}

type Change = Extract<WatchFrame, { readonly object: KubeEvent }>;

/**
 * After the stream was held back for this long, what the connection still holds is too old to be taken for the present,
 * and it may be slow to wake up: the watch is begun anew.
 */
const LONG_PAUSE_MS = 3000;

/** How long a busy stream lets events gather in its socket: read together, they cost less processor time. */
const GATHER_MS = 10;

/**
 * Reads a watch to its end, from the stream's position. While the stream is listing, the watch begins with a list
 * (WatchList), which `list` takes. Returns undefined if the signal aborts.
 */
export async function watch(
  stream: StreamParts,
  list: ListTaker | undefined,
  signal: AbortSignal,
): Promise<Happened | undefined> {
  const { api, timing } = stream.ports;
  const isListing = (): boolean => positionOf(stream) === undefined;
  let stopProving = (): void => {};

  function goLive(): void {
    stream.health.live();
    stopProving = after(timing.provenAfterMs, () => stream.note({ kind: 'lasted' }));
  }
  function onOpen(): void {
    stream.health.opened();
    if (!isListing()) goLive();
  }

  try {
    const chunks = api.watch(positionOf(stream), signal, onOpen, isListing);
    return await read(stream, chunks, (frame) => take(stream, list, frame, goLive), signal);
  } finally {
    stopProving();
  }
}

async function read(
  stream: StreamParts,
  chunks: AsyncIterable<Iterable<Frame>>,
  takeFrame: (frame: WatchFrame) => Fault | undefined,
  signal: AbortSignal,
): Promise<Happened | undefined> {
  let longestPauseMs = 0;
  for await (const frames of chunks) {
    for (const frame of frames) {
      const fault = stream.parser.watchFrame(frame, takeFrame);
      if (fault !== undefined) return ended(stream, fault);
    }
    longestPauseMs = Math.max(longestPauseMs, await pause(stream, signal));
    if (signal.aborted) return undefined;
    if (longestPauseMs > LONG_PAUSE_MS && positionOf(stream) !== undefined) return { kind: 'paused' };
  }
  return ended(stream, undefined);
}

/** Takes a frame of whatever the watch is about to bring. Returns the fault that it tells of, if it does. */
function take(
  stream: StreamParts,
  list: ListTaker | undefined,
  frame: WatchFrame,
  goLive: () => void,
): Fault | undefined {
  const position = positionOf(stream);
  if (frame.type === 'ERROR') return faultOfFrame(frame.object, stream.options.name);
  if (frame.type === 'UNKNOWN') stream.ports.metrics.unreadable.add(1, { kind: 'unknown_type' });
  else if (position !== undefined) takeChange(stream, position, frame);
  else if (list !== undefined && takeListed(stream, list, frame)) goLive();
  return undefined;
}

/** The server ended the watch, with an error or without. */
function ended(stream: StreamParts, fault: Fault | undefined): Happened {
  const phase = stream.phase();
  const openMs = stream.health.openMs();
  // Everything up to now was seen, if the watch worked.
  if (isProven(phase)) stream.watermark.observe(stream.ports.client.serverNow());
  if (fault === undefined && phase.kind === 'watching') return { kind: 'ended', openMs };
  return { kind: 'failed', fault: fault ?? ENDED_EARLY, openMs };
}

/** Where the stream is; undefined while it is listing. */
function positionOf(stream: StreamParts): string | undefined {
  const phase = stream.phase();
  return phase.kind === 'watching' ? phase.position : undefined;
}

function takeListed(stream: StreamParts, list: ListTaker, { type, object }: Change): boolean {
  if (type === 'ADDED' || type === 'MODIFIED') list.item(object);
  const version = versionOf(object);
  // No version before this one may move the cursor: initial events come in no order.
  if (type !== 'BOOKMARK' || !endsInitialEvents(object) || version === '') return false;
  list.end(version);
  stream.note({ kind: 'listed', version });
  return true;
}

function takeChange(stream: StreamParts, position: string, { type, object }: Change): void {
  const { intake, watermark, parser, ports } = stream;
  const version = versionOf(object);
  const isAhead = advances(position, version);
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      intake.live(type === 'ADDED' ? 'added' : 'modified', object, isAhead ? version : undefined);
      break;
    case 'DELETED':
    case 'BOOKMARK':
      if (isAhead) watermark.reach(version, ports.client.serverNow());
      break;
  }
  if (isAhead) parser.passed();
  stream.note({ kind: 'carried', version });
}

/** Lets go of the connection for a while where that is due. Returns for how long, in milliseconds. */
async function pause({ flow, ports }: StreamParts, signal: AbortSignal): Promise<number> {
  const since = performance.now();
  await flow.ease(signal);
  if (ports.outbox.atHighRate) await sleep(GATHER_MS, signal);
  flow.moved();
  return performance.now() - since;
}
