import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { lz4Compress, lz4Decompress, snappyCompress, snappyDecompress } from '@platformatic/wasm-utils/bundled';
import kafkajs from 'kafkajs';

export const compressionTypes = {
  none: kafkajs.CompressionTypes.None,
  gzip: kafkajs.CompressionTypes.GZIP,
  snappy: kafkajs.CompressionTypes.Snappy,
  lz4: kafkajs.CompressionTypes.LZ4,
  zstd: kafkajs.CompressionTypes.ZSTD,
} as const;

interface Encoder {
  readonly buffer: Buffer;
}

const toZstd = promisify(zstdCompress);
const fromZstd = promisify(zstdDecompress);

/** Teaches kafkajs the codecs it knows by name only; gzip it has. */
export function registerCodecs(): void {
  const codecs = kafkajs.CompressionCodecs;
  codecs[compressionTypes.snappy] = () => codec(snappyCompress, snappyDecompress);
  codecs[compressionTypes.lz4] = () => codec(lz4Compress, lz4Decompress);
  codecs[compressionTypes.zstd] = () => codec(toZstd, fromZstd);
}

function codec(
  compress: (data: Buffer) => Buffer | Promise<Buffer>,
  decompress: (data: Buffer) => Buffer | Promise<Buffer>,
): { compress(encoder: Encoder): Promise<Buffer>; decompress(data: Buffer): Promise<Buffer> } {
  return {
    compress: async (encoder) => compress(encoder.buffer),
    decompress: async (data) => decompress(data),
  };
}
