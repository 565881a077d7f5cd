import { nearest } from '../../functions/core/kit/nearest.ts';
import { sinkTypes } from '../discover.ts';

/** What is wrong with the name of a sink type, if anything, with a suggestion. */
export function typeProblem(type: string): string | undefined {
  const types = sinkTypes();
  if (types.includes(type)) return undefined;
  const near = nearest(type, types);
  return `there is no sink type ${type} (${near === undefined ? `there are: ${types.join(', ')}` : `did you mean ${near}?`})`;
}
