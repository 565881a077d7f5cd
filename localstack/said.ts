import type { Readiness } from '../relay/health.ts';
import { called } from '../infra/called.ts';
import { countText } from '../infra/ops/count.ts';
import { durationText } from '../infra/ops/duration.ts';
import type { Summary } from './embedded/ledger.ts';

/** That it goes on though nothing is shown, or why it does not. */
export function quietText(
  watched: string,
  { ready, text: state }: Readiness,
  summary: Summary,
  quietMs: number,
): string {
  if (!ready) return `cannot watch ${watched} yet: ${state}`;
  const { events, delivered, filtered, deadLettered, waiting } = summary;
  const fates = Object.entries({ delivered, filtered, 'dead-lettered': deadLettered, waiting })
    .filter(([, count]) => count > 0)
    .map(([fate, count]) => `${fate} ${count}`);
  const seen = events === 0 ? 'no event yet' : [`${countText(events, 'event')} so far`, ...fates].join(', ');
  return `watching ${watched}: ${seen}; nothing new for ${durationText(quietMs / 1000)}`;
}

/** What to try after this. */
export function nextText({ isSample, hasFolder }: { readonly isSample: boolean; readonly hasFolder: boolean }): string {
  if (isSample) return `${called.start} --context NAME watches a cluster of yours; the README says how to deploy`;
  if (!hasFolder)
    return `${called.start} --context NAME --folder DIR delivers to destinations of yours, see functions/DESTINATIONS.md`;
  return 'what works here works deployed, see infra/DEPLOYING.md';
}

/** What became of all events, and whether it adds up. */
export function summaryLine({
  events,
  seen,
  delivered,
  filtered,
  deadLettered,
  waiting,
  retried,
  replayed,
}: Summary): string {
  const missing = seen - delivered - filtered - deadLettered - waiting;
  const verdict = missing === 0 ? 'it adds up' : `${missing} unaccounted for`;
  return (
    `kube-courier: ${countText(events, 'event')}; event x destination: seen ${seen} = delivered ${delivered} + filtered ${filtered} + ` +
    `dead-lettered ${deadLettered} + waiting ${waiting} (${verdict}); retried ${retried}, replayed ${replayed}`
  );
}
