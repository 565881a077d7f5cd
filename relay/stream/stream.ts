import { createFrameParser } from '../cluster/frame-parser.ts';
import { createPagedList } from '../cluster/paged-list.ts';
import { FAR_MS } from '../cluster/server-clock.ts';
import { retryDelayMs, sleep } from '../wait.ts';
import { faultOf } from './fault.ts';
import { createFlow } from './flow.ts';
import { createIntake } from './intake.ts';
import { list } from './list.ts';
import { firstState, type Happened, isProven, next, type Phase, type Step, troubleIn } from './phase.ts';
import { probe } from './probe.ts';
import { createStreamHealth } from './stream-health.ts';
import type { StreamOptions, StreamParts, StreamPorts } from './stream-parts.ts';
import { watch } from './watch.ts';
import { createWatermark, type Cursor } from './watermark.ts';

/** The events of one namespace (or all), from the API server to the outbox, for as long as this relay leads. */
export interface EventStream {
  /** Returns when the signal aborts, and for no other reason. */
  run(signal: AbortSignal): Promise<void>;
  /** What may be saved; undefined until there is anything to save. */
  cursor(): Cursor | undefined;
  /** Why the stream is not in order; undefined while it is. */
  trouble(): string | undefined;
  /** Whether it has made no attempt at anything for longer than any of its time limits allows. */
  stuck(): boolean;
}

/** Longer than a watch and its grace; past this a stream that waits for nothing is stuck. */
const STUCK_AFTER_MS = 10 * 60_000;

/**
 * A stream is in a phase: it probes, lists or watches. It works on its phase until something happened, and what happened
 * decides on the next phase and how long to wait before it ({@link next}).
 */
export function createStream(options: StreamOptions, ports: StreamPorts): EventStream {
  const { name, saved, cursorLost } = options;
  let state = firstState(saved?.rv, cursorLost);
  const stream = createParts(options, ports, () => state.phase, note);
  const { watermark, health, flow } = stream;

  function note(happened: Happened): Step {
    const step = next(state, happened);
    if (isProven(step.state.phase) && !isProven(state.phase)) health.proven();
    state = step.state;
    return step;
  }

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const happened = await attempt(signal);
      if (happened === undefined || signal.aborted) return;
      report(happened);
      const { failures, atLeastMs } = note(happened).delay;
      const delayMs = retryDelayMs(failures, ports.timing.retryBaseMs, ports.timing.retryCapMs);
      if (delayMs > 0 || atLeastMs > 0) await sleep(Math.max(delayMs, atLeastMs), signal);
    }
  }

  /** One connection's worth of work. Undefined if the signal aborts. */
  async function attempt(signal: AbortSignal): Promise<Happened | undefined> {
    try {
      flow.moved();
      await flow.room(signal);
      return signal.aborted ? undefined : await work(stream, state.phase, signal);
    } catch (error) {
      return { kind: 'failed', fault: faultOf(error, name), openMs: health.openMs() };
    } finally {
      health.closed();
    }
  }

  function report(happened: Happened): void {
    const trouble = troubleIn(state.phase, happened);
    if (trouble !== undefined) health.failed(trouble);
    const cause = endingOf(happened);
    if (cause !== undefined) ports.metrics.reconnects.add(1, { cause });
  }

  return {
    run,
    cursor() {
      const { rv, observedMs } = watermark;
      if (rv === undefined && observedMs === 0) return undefined;
      const isCurrent = isProven(state.phase) && !flow.isHeld && watermark.size === 0;
      const untilMs = isCurrent ? Math.max(ports.client.serverNow(), observedMs) : observedMs;
      return { ...(rv !== undefined && { rv }), observedAt: new Date(untilMs).toISOString() };
    },
    trouble: () => health.trouble(),
    stuck: () => flow.idleMs > STUCK_AFTER_MS,
  };
}

/** Why a connection ended, as a metric's label; undefined if its work was done. */
function endingOf(happened: Happened): string | undefined {
  if (happened.kind === 'failed') return happened.fault.cause;
  return happened.kind === 'ended' || happened.kind === 'paused' ? happened.kind : undefined;
}

function work(stream: StreamParts, phase: Phase, signal: AbortSignal): Promise<Happened | undefined> {
  switch (phase.kind) {
    case 'probing':
      return probe(stream, phase, signal);
    case 'listing':
      return list(stream, phase, signal);
    case 'watching':
      return watch(stream, undefined, signal);
  }
}

function createParts(
  options: StreamOptions,
  ports: StreamPorts,
  phase: () => Phase,
  note: (happened: Happened) => void,
): StreamParts {
  const { name, saved } = options;
  const { client, metrics, log } = ports;
  const serverNow = (): number => client.serverNow();
  const watermark = createWatermark({ rv: saved?.rv, observedMs: observedUntil(saved, serverNow()) });
  const intake = createIntake(options, watermark, { ...ports, serverNow });
  const parser = createFrameParser(
    (kind) => metrics.unreadable.add(1, { kind }),
    (kind) => {
      const now = phase();
      const where = now.kind === 'watching' ? `a frame after version ${now.position}` : 'an item of a list';
      intake.declareGap('unreadable', watermark.observedMs, `${where} (${kind})`);
    },
  );
  const health = createStreamHealth(name, ports.timing.unreadyAfterMs, metrics, log);
  const flow = createFlow(ports.outbox, watermark);
  return { options, ports, watermark, intake, parser, pages: createPagedList(ports.api), health, flow, phase, note };
}

/** Until when the predecessor watched, in epoch milliseconds; 0 if that is not known. No clock that is right saves the future. */
function observedUntil(saved: Cursor | undefined, nowMs: number): number {
  const savedMs = saved === undefined ? 0 : Date.parse(saved.observedAt);
  return savedMs > nowMs + FAR_MS ? 0 : savedMs;
}
