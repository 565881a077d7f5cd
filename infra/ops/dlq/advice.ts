import { codeDoc } from '../../../functions/core/contract/codes.ts';
import type { Codes } from '../../../functions/core/contract/config.ts';
import { loadConfig, sinkTypes } from '../../discover.ts';

/** What to do about a code, for letters of a queue. */
export type Advice = (code: string) => string | undefined;

/** The advice for letters of a sink type, or of the router. */
export async function adviceFor(owner: string): Promise<Advice> {
  // The router has no codes of its own, and a stack may have sinks that this checkout does not know.
  const codes: Codes = sinkTypes().includes(owner) ? (await loadConfig(owner)).codes : {};
  return (code) => (code === 'unexplained' ? unexplained(owner) : codeDoc(code, codes)?.advice);
}

function unexplained(owner: string): string {
  return `SQS moved them by itself, because the function crashed, timed out or was throttled each time: see its log (filter sink = "${owner}"), then replay.`;
}
