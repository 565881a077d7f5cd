import type { Cluster } from './settings.ts';

/** Where the stack's archive is in its bucket: the default of the sink `s3`. */
export const ARCHIVE_PREFIX = 'events';

/** A queue and its function, as tools find them: the JSON of the outputs `Router` and `Sink...`. */
export interface ConsumerOutput {
  /** `router`, or the sink type. */
  readonly owner: string;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly functionName: string;
  /** The event source mapping's id. */
  readonly eventSource: string;
  readonly logGroup: string;
}

/** The JSON of the output `Relay...` of a listed cluster. */
export interface RelayOutput {
  readonly cluster: string;
  readonly identity: Cluster['identity'];
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly roleArn?: string;
  readonly userName?: string;
}

/** What tools read of a deployed stack. */
export interface StackOutputs {
  /** Of the checkout that was deployed; empty where the stack is older than this output. */
  readonly version: string;
  readonly region: string;
  readonly prefix: string;
  readonly ingestQueueUrl: string;
  readonly router: ConsumerOutput | undefined;
  readonly sinks: readonly ConsumerOutput[];
  readonly relays: readonly RelayOutput[];
  /** The archive that the stack made for its sink `s3`; undefined where it made none. */
  readonly archive: ArchiveOutput | undefined;
}

/** Where the stack's own archive is. */
export interface ArchiveOutput {
  readonly bucket: string;
  readonly prefix: string;
}

/** Reads the outputs of a stack, by their keys: the ones this project writes. A stack may have others of somebody's own. */
export function parseOutputs(outputs: Readonly<Record<string, string>>): StackOutputs {
  const consumers: ConsumerOutput[] = [];
  const relays: RelayOutput[] = [];
  for (const [key, value] of Object.entries(outputs)) {
    if (/^(Router|Sink[A-Z].*)$/.test(key)) consumers.push(...ofOurs<ConsumerOutput>(value, 'deadLetterQueueUrl'));
    if (/^Relay\d+$/.test(key)) relays.push(...ofOurs<RelayOutput>(value, 'serviceAccount'));
  }
  return {
    version: outputs['Version'] ?? '',
    region: outputs['Region'] ?? '',
    prefix: outputs['Prefix'] ?? '',
    ingestQueueUrl: outputs['IngestQueueUrl'] ?? '',
    router: consumers.find(({ owner }) => owner === 'router'),
    sinks: consumers.filter(({ owner }) => owner !== 'router').toSorted((a, b) => a.owner.localeCompare(b.owner)),
    relays,
    archive: outputs['ArchiveBucket'] ? { bucket: outputs['ArchiveBucket'], prefix: ARCHIVE_PREFIX } : undefined,
  };
}

/** The output, unless somebody else's is called alike. */
function ofOurs<Output>(text: string, field: keyof Output & string): readonly Output[] {
  try {
    const value: Output | null = JSON.parse(text);
    return Object.hasOwn(Object(value), field) && value !== null ? [value] : [];
  } catch {
    return [];
  }
}

/** The router, and the sinks by their names. */
export function consumersOf({ router, sinks }: StackOutputs): readonly ConsumerOutput[] {
  return [...(router ? [router] : []), ...sinks];
}
