import * as z from 'zod/mini';
import type { HttpReply } from '../../core/contract/http.ts';
import { delivered, rejected, retry, split, type Outcome } from '../../core/contract/outcome.ts';
import { classify, excerpt } from '../../core/kit/http.ts';
import { parseReply } from '../../core/kit/json.ts';
import { readFields } from '../../core/kit/protobuf.ts';

/** What a receiver says of a request that it took, or of one that it refused. */
interface Said {
  readonly rejected: number;
  readonly message: string;
}

const NOTHING: Said = { rejected: 0, message: '' };

/** What became of a request of so many records. Which of them were refused, no receiver says. https://opentelemetry.io/docs/specs/otlp */
export function exportOutcome(reply: HttpReply, records: number, now: Date): Outcome {
  const byStatus = classify(reply, now);
  if (byStatus.status === 'delivered') return ofSuccess(reply, records);
  // The specification wants no retry of 408 and 500, but gateways in front of receivers say so when they are overloaded.
  if (byStatus.status === 'retry') return { ...byStatus, detail: detailOf(reply) };
  switch (reply.status) {
    case 400:
      return split('request_refused', detailOf(reply));
    case 413:
      return split('too_large', detailOf(reply));
    case 415:
      return rejected('destination', 'encoding_refused', detailOf(reply));
    default:
      return byStatus;
  }
}

function ofSuccess(reply: HttpReply, records: number): Outcome {
  if (reply.status === 204) return delivered;
  if (reply.body.trimStart().startsWith('<')) return retry('unexpected_reply', textDetail(reply));
  const said = isProtobuf(reply) ? partialOfMessage(bytesOf(reply)) : partialOfJson(reply.body);
  // Some that take logs answer as they like. To send them again would store them twice.
  if (said === undefined) return { ...delivered, warning: `the reply is not that of OTLP: HTTP ${reply.status}` };
  const text = said.message === '' ? '' : `: ${said.message}`;
  // A request that was taken in part must not be sent again: what was stored would be stored twice.
  if (said.rejected >= records) return rejected('event', 'records_refused', `${said.rejected} records refused${text}`);
  if (said.rejected > 0) return { ...delivered, warning: `${said.rejected} of ${records} records refused${text}` };
  return said.message === '' ? delivered : { ...delivered, warning: said.message };
}

const jsonReply = z.looseObject({
  partialSuccess: z.optional(
    z.nullable(
      z.looseObject({
        rejectedLogRecords: z.optional(z.union([z.int(), z.string().check(z.regex(/^\d+$/))])),
        errorMessage: z.optional(z.string()),
      }),
    ),
  ),
});

function partialOfJson(body: string): Said | undefined {
  if (body.trim() === '') return NOTHING;
  const reply = parseReply(jsonReply, body);
  if (reply === undefined) return undefined;
  const { rejectedLogRecords = 0, errorMessage = '' } = reply.partialSuccess ?? {};
  return { rejected: Number(rejectedLogRecords), message: errorMessage };
}

/** `ExportLogsServiceResponse`: 1 is `partial_success`, in which 1 is `rejected_log_records` and 2 `error_message`. */
function partialOfMessage(bytes: Uint8Array): Said | undefined {
  const response = readFields(bytes);
  if (response === undefined) return undefined;
  const inner = response.get(1) ?? new Uint8Array();
  const fields = typeof inner === 'number' ? undefined : readFields(inner);
  if (fields === undefined) return undefined;
  const count = fields.get(1) ?? 0;
  return { rejected: typeof count === 'number' ? count : 0, message: textIn(fields, 2) };
}

/** An error is a `google.rpc.Status` in the encoding of the request, of which 2 is the message; proxies answer with text. */
function detailOf(reply: HttpReply): string {
  if (!isProtobuf(reply)) return textDetail(reply);
  const message = textIn(readFields(bytesOf(reply)) ?? new Map(), 2);
  return `HTTP ${reply.status}${excerpt(message)}`;
}

function textDetail({ status, body }: HttpReply): string {
  return `HTTP ${status}${excerpt(body)}`;
}

function textIn(fields: ReadonlyMap<number, number | Uint8Array>, number: number): string {
  const value = fields.get(number);
  return value instanceof Uint8Array ? Buffer.from(value).toString() : '';
}

function isProtobuf({ headers }: HttpReply): boolean {
  return /^application\/x-protobuf\b/i.test(headers['content-type'] ?? '');
}

function bytesOf({ bytes, body }: HttpReply): Uint8Array {
  return bytes ?? Buffer.from(body);
}
