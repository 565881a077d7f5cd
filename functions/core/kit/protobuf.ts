/** Protocol Buffers by hand, for sinks that need a few messages of them. https://protobuf.dev/programming-guides/encoding */

/** A field with a text, which becomes well-formed. */
export function textField(number: number, text: string): Buffer {
  return bytesField(number, Buffer.from(text.toWellFormed()));
}

/** A field with bytes, or with an encoded message. */
export function bytesField(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([tag(number, 2), varint(bytes.length), bytes]);
}

/** A field with a whole number that is not negative, or an enum. */
export function numberField(number: number, value: number): Buffer {
  return Buffer.concat([tag(number, 0), varint(value)]);
}

export function fixed32Field(number: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return Buffer.concat([tag(number, 5), bytes]);
}

export function fixed64Field(number: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return Buffer.concat([tag(number, 1), bytes]);
}

function tag(number: number, wireType: 0 | 1 | 2 | 5): Buffer {
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

/** The fields of a message by their numbers, the last of each: numbers, and the bytes of texts and messages. Undefined if it is none. */
export function readFields(message: Uint8Array): ReadonlyMap<number, number | Uint8Array> | undefined {
  const bytes = Buffer.from(message);
  const fields = new Map<number, number | Uint8Array>();
  let at = 0;
  while (at < bytes.length) {
    const key = readVarint(bytes, at);
    const value = key && readValue(bytes, key.end, key.value % 8);
    if (!key || !value || value.end > bytes.length) return undefined;
    fields.set(Math.floor(key.value / 8), value.value);
    at = value.end;
  }
  return fields;
}

interface Read<T> {
  readonly value: T;
  readonly end: number;
}

function readValue(bytes: Buffer, at: number, wireType: number): Read<number | Uint8Array> | undefined {
  switch (wireType) {
    case 0:
      return readVarint(bytes, at);
    case 1:
      return { value: bytes.subarray(at, at + 8), end: at + 8 };
    case 2: {
      const length = readVarint(bytes, at);
      return length && { value: bytes.subarray(length.end, length.end + length.value), end: length.end + length.value };
    }
    case 5:
      return { value: bytes.subarray(at, at + 4), end: at + 4 };
    default:
      return undefined;
  }
}

const MAX_VARINT_BYTES = 10;

function readVarint(bytes: Buffer, at: number): Read<number> | undefined {
  let value = 0;
  for (let index = 0; index < MAX_VARINT_BYTES; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined) return undefined;
    value += (byte % 0x80) * 2 ** (7 * index);
    if (byte < 0x80) return { value, end: at + index + 1 };
  }
  return undefined;
}
