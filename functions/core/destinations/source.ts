import type { AwsAccess } from '../contract/sink.ts';
import type { DocumentSource } from './documents.ts';
import { fileSource } from './file-source.ts';
import { ssmCalls } from './ssm-calls.ts';
import { ssmSource } from './ssm-source.ts';

/**
 * Opens what the variable `DESTINATIONS` names: `ssm:<prefix>` or `file:<folder>`.
 * @param env says where SSM is, if not in its region.
 * @throws {Error} on anything else.
 */
export function openSource(
  location: string | undefined,
  aws: AwsAccess,
  env: Readonly<Record<string, string | undefined>>,
): DocumentSource {
  const [, scheme, place] = /^(ssm|file):(.+)$/.exec(location ?? '') ?? [];
  if (scheme === 'ssm' && place?.startsWith('/')) return ssmSource(ssmCalls(aws, env), place);
  if (scheme === 'file' && place) return fileSource(place);
  throw new Error(`DESTINATIONS is ${location ?? 'not set'}, expected ssm:/<prefix> or file:<folder>`);
}
