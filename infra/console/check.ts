import type { Problem } from '../../functions/core/contract/config.ts';
import type { ClusterEvent } from '../../functions/core/contract/event.ts';
import { sampleContext, sampleEventIn } from '../../functions/core/contract/sample.ts';
import { parseSettings } from '../../functions/core/destinations/destination.ts';
import { loadLanguages } from '../../functions/core/kit/languages.ts';
import { renderParcels } from '../../functions/core/runtime/render.ts';
import { loadConfig, loadSink } from '../discover.ts';
import { checkDestination, type DestinationSource, type Routed } from '../ops/folder.ts';
import { reason, wayTo } from '../ops/route.ts';
import type { Check, Preview } from './contract.ts';
import { eventLine } from './event-line.ts';

const PREVIEWED = 3;

/** Why an event goes where nothing is asked of it. */
export const NO_RULES = 'it has no match rules: everything goes there';

/** Every mistake in a destination, for the page: a secret that is missing cannot be given there. */
export async function problemsOf(source: DestinationSource, isSecretKnown: boolean): Promise<readonly Problem[]> {
  await loadLanguages(source.text);
  const found = await checkDestination(source);
  return found
    .filter(({ file }) => isSecretKnown || file !== source.secretFile)
    .map(({ file, field, message }) => ({
      field,
      message:
        file === source.secretFile ? `${message}; it is secret, and is set elsewhere: not on this page` : message,
    }));
}

/** What a document would do with the last events, newest first. Nothing, where its settings are not valid. */
export async function playedWith(
  { id, type, text }: DestinationSource,
  events: readonly ClusterEvent[],
): Promise<Omit<Check, 'problems'>> {
  const config = await loadConfig(type);
  const settings = parseSettings(config, text);
  if ('problems' in settings) return { playground: [], looked: 0, passing: 0, preview: [] };
  const routed: Routed = { id, config, settings: settings.value, filter: settings.value.filter };
  const playground = events.map((event) => {
    const { goes, why = NO_RULES } = wayTo(routed, event, undefined);
    return { event: eventLine(event), goes, why };
  });
  // What a destination that is disabled would send, is what somebody wants to see before it is enabled.
  const enabled = { ...routed, settings: { ...routed.settings, enabled: true } };
  const passing = events.filter((event) => reason(enabled, event) === undefined);
  return {
    playground,
    looked: events.length,
    passing: playground.filter(({ goes }) => goes).length,
    preview: await previewOf(type, settings.value.options, passing.slice(0, PREVIEWED).toReversed()),
  };
}

/** What the sink makes of some events, or of a made-up one. It is given no secret. */
async function previewOf(
  type: string,
  options: unknown,
  passing: readonly ClusterEvent[],
): Promise<readonly Preview[]> {
  const isMadeUp = passing.length === 0;
  const { parcels, failed } = renderParcels(
    await loadSink(type),
    isMadeUp ? [sampleEventIn(sampleContext)] : passing,
    options,
  );
  return [
    ...parcels.map(({ events, payload }) => ({
      isMadeUp,
      events: events.map(({ id }) => id),
      payload: plain(payload),
    })),
    ...failed.map(([event, fate]) => ({
      isMadeUp,
      events: [event.id],
      payload: `it cannot be rendered: ${'detail' in fate ? fate.detail : fate.status}`,
    })),
  ].slice(0, PREVIEWED);
}

/** As JSON, with bytes as the text in them. */
function plain(payload: unknown): unknown {
  const asText = (_: string, value: unknown): unknown => {
    if (typeof value === 'bigint') return String(value);
    return value instanceof Uint8Array ? Buffer.from(value).toString() : value;
  };
  const text: string | undefined = JSON.stringify(payload, asText);
  return text === undefined ? null : JSON.parse(text);
}
