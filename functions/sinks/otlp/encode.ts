import { bytesField, fixed64Field, numberField, textField } from '../../core/kit/protobuf.ts';
import type { AnyValue, Attribute, LogRecord, LogsRequest, ResourceLogs } from './record.ts';

/**
 * The message `ExportLogsServiceRequest` of the same content as the JSON form.
 * https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/logs/v1/logs.proto
 */
export function encodeRequest({ resourceLogs }: LogsRequest): Buffer {
  return Buffer.concat(resourceLogs.map((each) => bytesField(1, encodeResourceLogs(each))));
}

function encodeResourceLogs({ resource, scopeLogs }: ResourceLogs): Buffer {
  return Buffer.concat([
    bytesField(1, encodeAttributes(1, resource.attributes)),
    ...scopeLogs.map(({ scope, logRecords }) => {
      const records = logRecords.map((record) => bytesField(2, encodeRecord(record)));
      return bytesField(2, Buffer.concat([bytesField(1, textField(1, scope.name)), ...records]));
    }),
  ]);
}

function encodeRecord(record: LogRecord): Buffer {
  return Buffer.concat([
    fixed64Field(1, BigInt(record.timeUnixNano)),
    numberField(2, record.severityNumber),
    textField(3, record.severityText),
    bytesField(5, encodeValue(record.body)),
    encodeAttributes(6, record.attributes),
    fixed64Field(11, BigInt(record.observedTimeUnixNano)),
  ]);
}

function encodeAttributes(number: number, attributes: readonly Attribute[]): Buffer {
  const pairs = attributes.map(({ key, value }) =>
    bytesField(number, Buffer.concat([textField(1, key), bytesField(2, encodeValue(value))])),
  );
  return Buffer.concat(pairs);
}

function encodeValue(value: AnyValue): Buffer {
  if ('intValue' in value) return numberField(3, Number(value.intValue));
  if ('boolValue' in value) return numberField(2, value.boolValue ? 1 : 0);
  return textField(1, value.stringValue);
}
