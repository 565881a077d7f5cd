import { SignatureV4 } from '@smithy/signature-v4';
import { createRedactor } from '../../functions/core/contract/redaction.ts';
import { recordOf, textOf } from '../../functions/core/contract/untrusted.ts';
import { createAgent, proxiesOf, proxyName } from '../proxy.ts';
import { credentialSource } from './credential-sources.ts';
import { type AwsCredentials, createCredentials, type CredentialSource } from './credentials.ts';
import { queueEndpoint } from './endpoint.ts';
import { exchange, type ExchangeAnswer } from './exchange.ts';
import type { Outgoing } from './message.ts';
import { secretsOfEnvironment, secretsOfKey } from './secrets.ts';
import { NodeSha256 } from './sha256.ts';
import {
  type BatchResult,
  callFault,
  entriesAnswered,
  faultName,
  isCredentialFault,
  notCalled,
  type QueueFault,
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

/** What is read of an answer. */
interface Answer {
  readonly status: number;
  readonly text: string;
  /** The error's name where the header has it, else empty. */
  readonly errorType: string;
}

const CALL_LIMIT_MS = 15_000;
/** AWS itself tolerates five minutes. */
const CLOCK_TOLERANCE_MS = 2 * 60_000;

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
  const agent = createAgent(url.protocol, proxy);
  const credentials = createCredentials(
    source === undefined ? credentialSource(env, proxyFor) : { ask: source, name: () => 'their source' },
    limits.credentialsMs,
  );
  // Its own: a signature is made for each call, and hundreds of them would push out what the relay's redactor knows.
  const redactor = createRedactor();
  redactor.use(secretsOfEnvironment(env));
  let signing: { readonly used: AwsCredentials; readonly signer: SignatureV4 } | undefined;
  /** How far this machine's clock is off, learnt from answers: signatures are valid for five minutes only. */
  let clockOffsetMs = 0;

  function signerOf(used: AwsCredentials): SignatureV4 {
    if (signing?.used === used) return signing.signer;
    const signer = new SignatureV4({
      service: 'sqs',
      region: region ?? '',
      credentials: used,
      sha256: NodeSha256,
      applyChecksum: false,
    });
    signing = { used, signer };
    for (const secret of secretsOfKey(used)) redactor.conceal(secret);
    return signer;
  }

  async function post(body: string, used: AwsCredentials): Promise<Answer> {
    const { headers } = await signerOf(used).sign(
      {
        method: 'POST',
        protocol: url.protocol,
        hostname: url.hostname,
        path: url.pathname,
        query: {},
        headers: {
          host: url.host,
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': 'AmazonSQS.SendMessageBatch',
        },
        body,
      },
      { signingDate: new Date(Date.now() + clockOffsetMs) },
    );
    const answer = await exchange({
      url,
      agent,
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      body,
      limitMs: limits.callMs ?? CALL_LIMIT_MS,
    });
    if (answer.status >= 400) noteClock(answer.headers.date);
    return cleaned(answer, headers['authorization'] ?? '');
  }

  /** The answer without what it repeats of the request: what SQS says of a fault becomes log lines, gaps and labels. */
  function cleaned({ status, text, headers }: ExchangeAnswer, authorization: string): Answer {
    if (status === 200 && !FAULTS.test(text)) return { status, text, errorType: '' };
    redactor.conceal(authorization);
    const errorType = redactor.redact(textOf(headers['x-amzn-errortype']));
    return { status, text: redactor.redact(text), errorType };
  }

  function noteClock(date: string | undefined): void {
    const offset = Date.parse(date ?? '') - Date.now();
    clockOffsetMs = Math.abs(offset) > CLOCK_TOLERANCE_MS ? offset : 0;
  }

  /** Sends, and once more at once if it was the credentials that were refused and there are others. */
  async function call(body: string, entries: number): Promise<BatchResult> {
    for (let attempt = 1; ; attempt += 1) {
      const used = await credentials.get();
      const answer = await post(body, used);
      if (answer.status === 200) {
        credentials.accepted();
        return entriesAnswered(parseOr(answer.text), entries, place);
      }
      const fault = faultOf(answer);
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

/** The error of an answer: its short name stands in the body, or in a header. */
function faultOf({ status, text, errorType }: Answer): QueueFault {
  const { __type, message, Message } = recordOf(parseOr(text));
  const name = textOf(__type) || errorType;
  const short = faultName(name.split('#').at(-1)?.split(':')[0]);
  return { name: short === '' ? `http_${status}` : short, message: textOf(message) || textOf(Message) };
}

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
