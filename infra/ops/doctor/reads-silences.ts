import { isHeldBySilences } from '../../../functions/core/destinations/destination.ts';
import { loadConfig, sinkTypes } from '../../discover.ts';

/** Whether the router's or a sink's function reads silences. */
export async function readsSilences(owner: string): Promise<boolean> {
  if (owner === 'router') return true;
  return sinkTypes().includes(owner) && isHeldBySilences(await loadConfig(owner));
}
