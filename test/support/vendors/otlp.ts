import { gunzipSync } from 'node:zlib';
import root from '@opentelemetry/otlp-transformer/build/src/generated/root.js';
import * as z from 'zod/mini';
import { startHttpServer, type Answer, type ReceivedRequest } from '../http-server.ts';

interface MessageType {
  encode(message: object): { finish(): Uint8Array };
  decode(bytes: Uint8Array): object;
  toObject(message: object, options: object): unknown;
}

/** The types of the generated code say nothing of what is in it. */
const messageType = z.custom<MessageType>((value) => typeof value === 'function');
const { ExportLogsServiceRequest, ExportLogsServiceResponse } = z
  .object({ ExportLogsServiceRequest: messageType, ExportLogsServiceResponse: messageType })
  .parse(Object(root).opentelemetry.proto.collector.logs.v1);

const attribute = z.strictObject({
  key: z.string().check(z.minLength(1)),
  value: z.union([
    z.strictObject({ stringValue: z.string() }),
    z.strictObject({ boolValue: z.boolean() }),
    z.strictObject({ intValue: z.string().check(z.regex(/^-?\d+$/)) }),
  ]),
});
const attributes = z
  .array(attribute)
  .check(z.refine((list) => new Set(list.map(({ key }) => key)).size === list.length, 'duplicate key'));
const nanoseconds = z.string().check(z.regex(/^\d{19}$/));

const logRecord = z.strictObject({
  timeUnixNano: nanoseconds,
  observedTimeUnixNano: nanoseconds,
  severityNumber: z.int().check(z.gte(1), z.lte(24)),
  severityText: z.string(),
  body: z.strictObject({ stringValue: z.string() }),
  attributes,
});

/** The JSON form as the specification has it: names in lowerCamelCase, enums as numbers, integers of 64 bits as texts. */
const requestSchema = z.strictObject({
  resourceLogs: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes }),
      scopeLogs: z.array(
        z.strictObject({ scope: z.strictObject({ name: z.string() }), logRecords: z.array(logRecord) }),
      ),
    }),
  ),
});

export type OtlpRequest = z.infer<typeof requestSchema>;

export interface OtlpReceiver {
  readonly url: string;
  /** In the JSON form, whatever they were sent as. */
  readonly requests: readonly OtlpRequest[];
  /** The next request is taken, and this much of it is refused. */
  refuseNext(rejectedLogRecords: number, errorMessage: string): void;
  failNext(answer: Answer): void;
  stop(): Promise<void>;
}

const MAX_BYTES = 1_000_000;

/** A receiver of OTLP/HTTP as the specification has it, and New Relic's limit. https://opentelemetry.io/docs/specs/otlp */
export async function startOtlp(headers: Readonly<Record<string, string>> = {}): Promise<OtlpReceiver> {
  const requests: OtlpRequest[] = [];
  let partial: { rejectedLogRecords: number; errorMessage: string } | undefined;
  let failure: Answer | undefined;
  const server = await startHttpServer((request) => {
    const reply = failure ?? answer(request);
    failure = undefined;
    return reply;
  });
  return {
    url: `${server.url}/v1/logs`,
    requests,
    refuseNext(rejectedLogRecords, errorMessage) {
      partial = { rejectedLogRecords, errorMessage };
    },
    failNext(reply) {
      failure = reply;
    },
    stop: () => server.stop(),
  };

  function answer(request: ReceivedRequest): Answer {
    if (request.path !== '/v1/logs') return { status: 404 };
    if (request.method !== 'POST') return { status: 405 };
    if (Object.entries(headers).some(([name, value]) => request.headers[name] !== value)) return { status: 401 };
    const isJson = request.headers['content-type'] === 'application/json';
    if (!isJson && request.headers['content-type'] !== 'application/x-protobuf') return { status: 415 };
    const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(request.bytes) : request.bytes;
    const taken = requestSchema.safeParse(isJson ? JSON.parse(bytes.toString()) : decodeRequest(bytes));
    if (!taken.success || /\\ud[89a-f]/i.test(isJson ? bytes.toString() : ''))
      return { status: 400, body: 'malformed' };
    const count = taken.data.resourceLogs.flatMap(({ scopeLogs }) => scopeLogs[0]?.logRecords ?? []).length;
    if (bytes.length > MAX_BYTES && count > 1) return { status: 413, body: 'too large' };
    requests.push(taken.data);
    return respond(isJson);
  }

  function respond(isJson: boolean): Answer {
    const partialSuccess = partial ?? {};
    partial = undefined;
    return isJson
      ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ partialSuccess }) }
      : {
          headers: { 'content-type': 'application/x-protobuf' },
          body: ExportLogsServiceResponse.encode({ partialSuccess }).finish(),
        };
  }
}

/** The JSON form of a message, as OpenTelemetry's own code for JavaScript reads it. */
export function decodeRequest(bytes: Uint8Array): unknown {
  const message = ExportLogsServiceRequest.decode(bytes);
  return JSON.parse(JSON.stringify(ExportLogsServiceRequest.toObject(message, { longs: String })));
}
