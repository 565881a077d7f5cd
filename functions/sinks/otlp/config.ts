import * as z from 'zod/mini';
import { defineConfig, field, secret } from '../../core/contract/config.ts';
import { endpointUrl, tlsField } from '../../core/kit/endpoint.ts';
import { headerName, headerValue } from '../../core/kit/headers.ts';

export const config = defineConfig({
  type: 'otlp',
  title: 'OpenTelemetry (OTLP logs)',
  titleZh: 'OpenTelemetry（OTLP 日志）',
  chat: false,
  options: z.strictObject({
    endpoint: field(
      endpointUrl(),
      'The whole URL that logs are sent to by HTTP; of a collector it ends in /v1/logs.',
      'http://otel-collector.monitoring:4318/v1/logs',
    ),
    encoding: field(
      z._default(z.enum(['protobuf', 'json']), 'protobuf'),
      'How requests are written. Some that speak OTLP, such as VictoriaLogs, read no JSON.',
      'json',
    ),
    resourceAttributes: field(
      z._default(z.record(z.string().check(z.minLength(1)), z.string().check(z.maxLength(1000))), {}),
      'Attributes of every resource beside those of the event. Without one, service.name is kube-courier.',
      { 'service.name': 'kubernetes-events', 'deployment.environment.name': 'production' },
    ),
    headers: field(
      z._default(z.record(headerName(), headerValue()), {}),
      'Headers sent with every request. Those that are secret go into secretHeaders.',
      { 'X-Scope-OrgID': 'platform' },
    ),
    tls: tlsField(),
  }),
  secrets: z.strictObject({
    secretHeaders: field(
      z._default(z.record(headerName(), secret(headerValue())), {}),
      'Headers with secret values, such as Authorization, api-key or x-honeycomb-team.',
      { Authorization: 'Bearer ...' },
    ),
  }),
  runtime: { batchSize: 200, windowSeconds: 2 },
  codes: {
    records_refused: {
      status: 'rejected',
      meaning: 'The receiver answered that it took none of the records; the detail has what it said.',
      advice: 'Read the detail, then replay.',
    },
    request_refused: {
      status: 'rejected',
      meaning:
        'The receiver could not read this event, or refused it (HTTP 400). A collector says so of too large a request too.',
      advice: 'Read the detail; report it to this project if the event is at fault.',
    },
    too_large: {
      status: 'rejected',
      meaning: 'A single event is larger than the receiver takes in one request (HTTP 413).',
      advice: "Raise the receiver's limit (max_request_body_size of a collector), then replay.",
    },
    encoding_refused: {
      status: 'rejected',
      meaning: 'The receiver does not read this encoding (HTTP 415).',
      advice:
        'Choose the other `encoding`, and check that `endpoint` leads to a receiver of OTLP by HTTP; then replay.',
    },
    unexpected_reply: {
      status: 'retry',
      meaning: 'The reply is not that of a receiver of OTLP.',
      advice: 'Check that `endpoint` is the whole URL of the receiver and leads to no login page.',
    },
  },
});
