import type { Clock } from '../../ops/clock.ts';
import type { Ability, LiveEvent } from '../contract.ts';
import type { DestinationNow } from '../destination-reader.ts';
import type { Kept, Ring } from '../ring.ts';
import type { Secrets } from '../secrets.ts';
import type { ConsoleSource } from '../source.ts';
import { Refusal } from './refusal.ts';

/** What the answers are made of. */
export interface Context {
  readonly source: ConsoleSource;
  readonly ring: Ring;
  readonly show: (kept: Kept) => LiveEvent;
  readonly secrets: Secrets;
  readonly destinations: (signal: AbortSignal) => Promise<readonly DestinationNow[]>;
  readonly clock: Clock;
}

/** @param has whether the source has what it takes. @throws {Refusal} with the reason why it cannot, and what can. */
export function able({ about }: ConsoleSource, ability: Ability, has: boolean): void {
  const cannot = about.cannot[ability];
  if (cannot || !has) throw new Refusal(501, cannot?.why ?? 'this is not possible here', cannot?.command);
}
