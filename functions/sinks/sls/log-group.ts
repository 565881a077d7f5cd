import { bytesField, fixed32Field, numberField, textField } from '../../core/kit/protobuf.ts';

/** One log: its time and its texts, in order. */
export interface Log {
  readonly timeMs: number;
  readonly contents: readonly (readonly [key: string, value: string])[];
}

const MAX_UINT32 = 0xffff_ffff;

/**
 * The protobuf message `LogGroup` that PutLogs takes, of logs that {@link encodeLog} made.
 * https://www.alibabacloud.com/help/en/sls/developer-reference/data-encoding
 */
export function encodeLogGroup(logs: readonly Uint8Array[], topic: string): Buffer {
  return Buffer.concat([...logs.map((log) => bytesField(1, log)), ...(topic === '' ? [] : [textField(3, topic)])]);
}

/** The message `Log`: the time in seconds, key-value pairs, the nanoseconds. */
export function encodeLog({ timeMs, contents }: Log): Buffer {
  const seconds = Math.min(MAX_UINT32, Math.max(0, Math.floor(timeMs / 1000)));
  const nanoseconds = (((timeMs % 1000) + 1000) % 1000) * 1_000_000;
  return Buffer.concat([
    numberField(1, seconds),
    ...contents.map(([key, value]) => bytesField(2, Buffer.concat([textField(1, key), textField(2, value)]))),
    fixed32Field(4, nanoseconds),
  ]);
}
