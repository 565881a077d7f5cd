import { crc32, gunzipSync } from 'node:zlib';
import { startHttpServer, type Answer, type HttpServer, type ReceivedRequest } from '../http-server.ts';

/** A strict stand-in for S3, which refuses what emulators forgive: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export interface S3Vendor {
  readonly endpoint: string;
  readonly server: HttpServer;
  /** Objects by their keys, in the order in which they were made. */
  readonly objects: ReadonlyMap<string, Buffer>;
  /** The lines of all objects, unpacked. */
  lines(): readonly string[];
  /** Keys of objects that were read. */
  readonly reads: readonly string[];
  /** Prefixes that were listed. */
  readonly lists: readonly string[];
  /** Puts an object as somebody else would. */
  put(key: string, bytes: Buffer): void;
  /** From now on, objects that are to be made are refused so; undefined ends it. */
  refuse(refusal: Refusal | undefined): void;
  stop(): Promise<void>;
}

export interface Refusal {
  readonly status: number;
  /** Without one the reply is empty. */
  readonly code?: string;
}

/** @param pageSize of listings; S3's is 1,000 */
export async function startS3(bucket: string, pageSize = 1000): Promise<S3Vendor> {
  const objects = new Map<string, Buffer>();
  const reads: string[] = [];
  const lists: string[] = [];
  let refusal: Refusal | undefined;

  const server = await startHttpServer((request) => {
    const { pathname, searchParams } = new URL(request.path, 'http://s3');
    const [, name, ...rest] = pathname.split('/').map(decodeURIComponent);
    const key = rest.join('/');
    if (
      !/^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/[a-z0-9-]+\/s3\/aws4_request/.test(header(request, 'authorization'))
    )
      return errorAnswer(403, 'AccessDenied');
    if (name !== bucket) return errorAnswer(404, 'NoSuchBucket');
    if (request.method === 'PUT') return put(request, key);
    if (request.method !== 'GET') return errorAnswer(405, 'MethodNotAllowed');
    if (searchParams.get('list-type') === '2') return list(searchParams);
    const found = objects.get(key);
    reads.push(key);
    return found ? { status: 200, body: found } : errorAnswer(404, 'NoSuchKey');
  });

  return {
    endpoint: server.url,
    server,
    objects,
    lines: () => [...objects.values()].flatMap((bytes) => gunzipSync(bytes).toString().trimEnd().split('\n')),
    reads,
    lists,
    put: (key, bytes) => void objects.set(key, bytes),
    refuse: (next) => {
      refusal = next;
    },
    stop: () => server.stop(),
  };

  function put(request: ReceivedRequest, key: string): Answer {
    if (refusal) return errorAnswer(refusal.status, refusal.code);
    if (Buffer.byteLength(key) > 1024) return errorAnswer(400, 'KeyTooLongError');
    if (header(request, 'content-length') === '') return errorAnswer(411, 'MissingContentLength');
    // A bucket policy may ask for it: nothing in an archive is replaced.
    if (header(request, 'if-none-match') !== '*') return errorAnswer(501, 'NotImplemented');
    if (header(request, 'content-encoding') !== '') return errorAnswer(400, 'InvalidRequest');
    const sum = header(request, 'x-amz-checksum-crc32');
    if (sum !== '' && sum !== checksum(request.bytes)) return errorAnswer(400, 'BadDigest');
    if (objects.has(key)) return errorAnswer(412, 'PreconditionFailed');
    objects.set(key, request.bytes);
    return { status: 200, headers: { etag: '"0"' } };
  }

  function list(query: URLSearchParams): Answer {
    const prefix = query.get('prefix') ?? '';
    const delimiter = query.get('delimiter') ?? '';
    const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
    lists.push(prefix);
    const all = [...objects.keys()].filter((key) => key.startsWith(prefix)).toSorted();
    const shown = [
      ...new Set(
        all.map((key) => {
          const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
          return end < 0 ? key : key.slice(0, end + 1);
        }),
      ),
    ].filter((entry) => entry > after);
    const page = shown.slice(0, pageSize);
    const entries = page.map((entry) =>
      objects.has(entry)
        ? `<Contents><Key>${escape(entry)}</Key><Size>${objects.get(entry)?.length ?? 0}</Size></Contents>`
        : `<CommonPrefixes><Prefix>${escape(entry)}</Prefix></CommonPrefixes>`,
    );
    const next =
      shown.length > page.length ? `<NextContinuationToken>${escape(page.at(-1) ?? '')}</NextContinuationToken>` : '';
    const body = `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><IsTruncated>${next !== ''}</IsTruncated>${next}${entries.join('')}</ListBucketResult>`;
    return { status: 200, headers: { 'content-type': 'application/xml' }, body };
  }
}

function header({ headers }: ReceivedRequest, name: string): string {
  return headers[name] ?? '';
}

function checksum(bytes: Buffer): string {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum.toString('base64');
}

function errorAnswer(status: number, code?: string): Answer {
  if (code === undefined) return { status };
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>said of it</Message><RequestId>1</RequestId></Error>`;
  return { status, headers: { 'content-type': 'application/xml' }, body };
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
