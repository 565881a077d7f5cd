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
  return Buffer.concat([...logs.flatMap((log) => bytesField(1, log)), ...(topic === '' ? [] : textField(3, topic))]);
}

/** The message `Log`: the time in seconds, key-value pairs, the nanoseconds. */
export function encodeLog({ timeMs, contents }: Log): Buffer {
  const seconds = Math.min(MAX_UINT32, Math.max(0, Math.floor(timeMs / 1000)));
  const nanoseconds = Buffer.alloc(4);
  nanoseconds.writeUInt32LE((((timeMs % 1000) + 1000) % 1000) * 1_000_000);
  return Buffer.concat([
    tag(1, 0),
    varint(seconds),
    ...contents.flatMap(([key, value]) => bytesField(2, Buffer.concat([...textField(1, key), ...textField(2, value)]))),
    tag(4, 5),
    nanoseconds,
  ]);
}

function textField(number: number, text: string): readonly Buffer[] {
  return bytesField(number, Buffer.from(text.toWellFormed()));
}

function bytesField(number: number, bytes: Uint8Array): Buffer[] {
  return [tag(number, 2), varint(bytes.length), Buffer.from(bytes)];
}

function tag(number: number, wireType: 0 | 2 | 5): Buffer {
  return varint(number * 8 + wireType);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}
