import { jsonService } from '../../functions/core/aws/json-service.ts';
import { queueEndpoint } from '../../functions/core/aws/endpoint.ts';
import { secretsOfEnvironment } from '../../functions/core/aws/secrets.ts';
import { createAgent, proxiesOf, proxyName } from '../proxy.ts';
import { credentialSource } from './credential-sources.ts';
import { createCredentials, type CredentialSource } from './credentials.ts';
import type { Outgoing } from './message.ts';
import {
  type BatchResult,
  callFault,
  entriesAnswered,
  isCredentialFault,
  notCalled,
  type QueuePlace,
} from './sqs-fault.ts';

/** Puts up to ten messages on the queue. Never rejects. */
export type SendBatch = (entries: readonly Outgoing[]) => Promise<BatchResult>;

/** Bounds of one call: SQS takes ten entries and 1 MiB; the rest is room for attributes. */
export const BATCH_ENTRIES = 10;
export const BATCH_BYTES = 900 * 1024;

/** Time limits, in milliseconds, where the defaults will not do. */
export interface QueueLimits {
  readonly callMs?: number;
  readonly credentialsMs?: number;
}

const CALL_LIMIT_MS = 15_000;

/**
 * A sender for one queue, with SQS' JSON protocol. Credentials and signature are the SDK's; its client is not used, because
 * of what it costs (DESIGN.md, "Small relay").
 * @param env what {@link queueEndpoint}, {@link proxiesOf} and the SDK's credential chain read.
 * @throws {Error} if the environment names a proxy that is none.
 */
export function queueSender(
  queueUrl: string,
  env: Readonly<Record<string, string | undefined>>,
  source?: CredentialSource['ask'],
  limits: QueueLimits = {},
): SendBatch {
  const { url, region } = queueEndpoint(queueUrl, env);
  const proxyFor = proxiesOf(env);
  const proxy = proxyFor(url);
  const place: QueuePlace = { queueUrl, host: url.host, ...(proxy !== undefined && { proxy: proxyName(proxy) }) };
  const credentials = createCredentials(
    source === undefined ? credentialSource(env, proxyFor) : { ask: source, name: () => 'their source' },
    limits.credentialsMs,
  );
  const post = jsonService({
    name: 'sqs',
    url,
    region: region ?? '',
    agent: createAgent(url.protocol, proxy),
    secrets: secretsOfEnvironment(env),
  });
  const callLimits = { limitMs: limits.callMs ?? CALL_LIMIT_MS };

  /** Sends, and once more at once if it was the credentials that were refused and there are others. */
  async function call(body: string, entries: number): Promise<BatchResult> {
    for (let attempt = 1; ; attempt += 1) {
      const used = await credentials.get();
      const { text, fault, clean } = await post('SendMessageBatch', body, used, callLimits);
      if (fault === undefined) {
        credentials.accepted();
        // What SQS says of a fault becomes log lines, gaps and labels.
        return entriesAnswered(parseOr(FAULTS.test(text) ? clean(text) : text), entries, place);
      }
      const areOthers = isCredentialFault(fault) && credentials.refused(used);
      if (!areOthers || attempt === 2) return callFault(fault, entries, place);
    }
  }

  return async (entries) => {
    if (region === undefined) {
      return { status: 'unavailable', code: 'no_region', reason: 'no AWS region: set AWS_REGION' };
    }
    const Entries = entries.map(({ body }, i) => ({ Id: String(i), MessageBody: body }));
    try {
      return await call(JSON.stringify({ QueueUrl: queueUrl, Entries }), entries.length);
    } catch (error) {
      return notCalled(error, place);
    }
  };
}

/** Entries that were refused. Some emulators list none, which is not worth looking for secrets. */
const FAULTS = /"Failed"(?!\s*:\s*(?:\[\s*\]|null))/;

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
