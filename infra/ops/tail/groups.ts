import { consumersOf, type ConsumerOutput } from '../../stack/parse-outputs.ts';
import type { Deployed } from '../aws/stack.ts';
import type { Group } from './follow.ts';

/** What functions say and count of events; heartbeats and what Lambda writes itself are left out. */
const PATTERN = '{ ($.level = *) || ($.Delivered = *) || ($.Filtered = *) || ($.type = "platform.report") }';

/** The log of router and sinks, and the `log` sink's own, which has its events. */
export function groupsOf(deployed: Deployed): readonly Group[] {
  const log = logSink(deployed);
  const all = consumersOf(deployed);
  const own = [...new Set(all.map(({ logGroup }) => logGroup))].map((name) => ({
    name,
    ...(name !== log?.logGroup && { pattern: PATTERN }),
    isOptional: false,
  }));
  if (!(process.env['AWS_ENDPOINT_URL_CLOUDWATCH_LOGS'] || process.env['AWS_ENDPOINT_URL'])) return own;
  // Not every emulator heeds a function's own log group.
  return [...own, ...all.map(({ functionName }) => ({ name: `/aws/lambda/${functionName}`, isOptional: true }))];
}

/** The `log` sink, if the stack has it. */
export function logSink({ sinks }: Deployed): ConsumerOutput | undefined {
  return sinks.find(({ owner }) => owner === 'log');
}
