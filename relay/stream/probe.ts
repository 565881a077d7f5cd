import { unlessAborted } from '../wait.ts';
import type { Happened, Probing } from './phase.ts';
import type { StreamParts } from './stream-parts.ts';

/** Asks for the collection's version. Returns undefined if the signal aborts. */
export async function probe(
  stream: StreamParts,
  { before }: Probing,
  signal: AbortSignal,
): Promise<Happened | undefined> {
  const { ports, watermark, flow } = stream;
  // What is on its way is not covered by the cursor: a list would send it twice, and a restore not be recognized.
  if (before.kind === 'listing' && before.begunMs === undefined) await flow.drained(signal);
  if (signal.aborted) return undefined;
  const current = await ports.api.probe(signal);
  const startsNow = before.kind === 'listing' && before.cause === 'start' && stream.options.startFrom.kind === 'now';
  if (!startsNow) return { kind: 'probed', current, cursor: watermark.rv };
  watermark.reach(current, ports.client.serverNow());
  await unlessAborted(ports.save(), signal);
  return { kind: 'started', version: current };
}
