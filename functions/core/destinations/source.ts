import type { DocumentSource } from './documents.ts';
import { fileSource } from './file-source.ts';
import { createSsmClient, ssmSource } from './ssm-source.ts';

/**
 * Opens what the variable `DESTINATIONS` names: `ssm:<prefix>` or `file:<folder>`.
 * @throws {Error} on anything else.
 */
export function openSource(location: string | undefined): DocumentSource {
  const [, scheme, place] = /^(ssm|file):(.+)$/.exec(location ?? '') ?? [];
  if (scheme === 'ssm' && place?.startsWith('/')) return ssmSource(createSsmClient(), place);
  if (scheme === 'file' && place) return fileSource(place);
  throw new Error(`DESTINATIONS is ${location ?? 'not set'}, expected ssm:/<prefix> or file:<folder>`);
}
