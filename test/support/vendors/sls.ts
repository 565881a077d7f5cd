import { createHash, createHmac } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { startHttpServer, type Answer, type ReceivedRequest } from '../http-server.ts';

/** A log as it is stored. */
export interface StoredLog {
  readonly time: number;
  readonly timeNs: number;
  readonly topic: string;
  readonly contents: Readonly<Record<string, string>>;
}

export interface Sls {
  readonly url: string;
  readonly logs: readonly StoredLog[];
  /** The number of logs in each group taken. */
  readonly groups: readonly number[];
  stop(): Promise<void>;
}

export interface SlsOptions {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string;
  readonly region: string;
  readonly logstore: string;
  /** The server's clock; the real one by default. */
  readonly now?: () => Date;
  /** Requests that are taken before the shard's quota is used up. */
  readonly quota?: number;
  /** A group that holds this text is refused as a whole. */
  readonly poison?: string;
  /** @default 10 MB */
  readonly maxRawBytes?: number;
}

const MAX_SKEW_MS = 15 * 60_000;
/** Seconds of the past and of the future whose logs are taken. */
const TAKEN = { past: 7 * 24 * 3600, future: 15 * 60 };
const MAX_VALUE_BYTES = 1024 * 1024;

/** SLS' PutLogs: verifies the signature (version 4), the clock, the times, the sizes and the protobuf, and answers its own errors. */
export async function startSls(options: SlsOptions): Promise<Sls> {
  const { logstore, now = () => new Date(), quota = Infinity, maxRawBytes = 10_000_000, poison } = options;
  const logs: StoredLog[] = [];
  const groups: number[] = [];
  const server = await startHttpServer(answer);
  return { url: server.url, logs, groups, stop: () => server.stop() };

  function answer(request: ReceivedRequest): Answer {
    const { headers } = request;
    const named = /^\/logstores\/([^/]+)\/shards\/lb$/.exec(request.path)?.[1];
    if (request.method !== 'POST' || named === undefined) return refuse(404, 'InvalidURL', 'the url is not known');
    if (headers['x-log-apiversion'] !== '0.6.0') return refuse(400, 'InvalidAPIVersion', 'unknown version');
    const unsigned = signatureProblem(request);
    if (unsigned) return unsigned;
    if (named !== logstore) return refuse(404, 'LogStoreNotExist', `logstore ${named} does not exist`);
    if (headers['content-type'] !== 'application/x-protobuf')
      return refuse(400, 'InvalidContentType', 'Content-Type must be application/x-protobuf');
    if (groups.length >= quota) return refuse(403, 'ShardWriteQuotaExceed', 'Shard write quota exceed: qps');
    return put(request);
  }

  function put({ headers, bytes }: ReceivedRequest): Answer {
    const size = Number(headers['x-log-bodyrawsize']);
    if (size > maxRawBytes) return refuse(400, 'PostBodyTooLarge', `Body size ${size} must little than ${maxRawBytes}`);
    let raw: Buffer;
    try {
      raw = headers['x-log-compresstype'] === 'deflate' ? inflateSync(bytes) : bytes;
    } catch {
      return refuse(400, 'PostBodyUncompressError', 'uncompress failed');
    }
    if (raw.length !== size) return refuse(400, 'PostBodyInvalid', 'x-log-bodyrawsize does not match');
    let found: readonly StoredLog[];
    try {
      found = readLogGroup(raw);
    } catch (error) {
      return refuse(400, 'PostBodyInvalid', String(error));
    }
    const values = found.flatMap((log) => Object.values(log.contents));
    if (values.some((value) => Buffer.byteLength(value) > MAX_VALUE_BYTES))
      return refuse(400, 'PostBodyInvalid', 'a value is larger than 1 MB');
    if (poison !== undefined && values.includes(poison)) return refuse(400, 'PostBodyInvalid', 'a log is not valid');
    const ages = found.map(({ time }) => now().getTime() / 1000 - time);
    if (ages.some((age) => age > TAKEN.past || age < -TAKEN.future))
      return refuse(400, 'PostBodyInvalid', 'the time of a log is out of range');
    logs.push(...found);
    groups.push(found.length);
    return { status: 200, headers: { 'x-log-requestid': '5E9AB1DF333245F1D800' } };
  }

  function signatureProblem({ method, path, headers, bytes }: ReceivedRequest): Answer | undefined {
    const { accessKeyId, accessKeySecret, securityToken, region } = options;
    const date = headers['x-log-date'] ?? '';
    const time = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/, '$1-$2-$3:$4:$5'));
    if (!(Math.abs(time - now().getTime()) <= MAX_SKEW_MS))
      return refuse(400, 'RequestTimeExpired', `Request time ${date} has been expired`);
    const form =
      /^SLS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/sls\/aliyun_v4_request,Signature=([0-9a-f]{64})$/;
    const [, id, day = '', signedRegion, signature] = form.exec(headers['authorization'] ?? '') ?? [];
    if (id !== accessKeyId) return refuse(401, 'Unauthorized', `AccessKeyId not found: ${id}`);
    if (headers['x-acs-security-token'] !== securityToken)
      return refuse(401, 'Unauthorized', 'The security token you provided is invalid.');
    const bodyHash = createHash('sha256').update(bytes).digest('hex');
    if (headers['x-log-content-sha256'] !== bodyHash) return refuse(400, 'InvalidParameter', 'content hash');
    const names = Object.keys(headers)
      .filter(
        (name) => ['content-type', 'host'].includes(name) || name.startsWith('x-log-') || name.startsWith('x-acs-'),
      )
      .toSorted();
    let canonical = `${method}\n${path}\n\n`;
    for (const name of names) canonical += `${name}:${headers[name]}\n`;
    canonical += `\n${names.join(';')}\n${bodyHash}`;
    const hash = createHash('sha256').update(canonical).digest('hex');
    const sign = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
    const key = sign(sign(sign(sign(`aliyun_v4${accessKeySecret}`, day), region), 'sls'), 'aliyun_v4_request');
    const expected = sign(key, `SLS4-HMAC-SHA256\n${date}\n${day}/${region}/sls/aliyun_v4_request\n${hash}`);
    if (signedRegion !== region || day !== date.slice(0, 8) || signature !== expected.toString('hex'))
      return refuse(401, 'SignatureNotMatch', `signature ${signature} not matched`);
    return undefined;
  }
}

function refuse(status: number, errorCode: string, errorMessage: string): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', 'x-log-requestid': '5E9AB1DF333245F1D8FF' },
    body: JSON.stringify({ errorCode, errorMessage }),
  };
}

/**
 * Reads the protobuf message LogGroup.
 * @throws {Error} on anything that is not in its definition, and on a log without a time.
 */
export function readLogGroup(bytes: Buffer): readonly StoredLog[] {
  const group = readMessage(bytes);
  const topic = group.filter(({ field }) => field === 3).map(({ bytes: text }) => utf8(text))[0] ?? '';
  const unknown = group.find(({ field }) => field !== 1 && field !== 3);
  if (unknown) throw new Error(`field ${unknown.field} of LogGroup is not expected`);
  return group.filter(({ field }) => field === 1).map(({ bytes: log }) => readLog(log, topic));
}

function readLog(bytes: Buffer, topic: string): StoredLog {
  const contents: [key: string, value: string][] = [];
  let time: number | undefined;
  let timeNs = 0;
  for (const entry of readMessage(bytes)) {
    if (entry.field === 1 && entry.wire === 0) time = Number(entry.value);
    else if (entry.field === 4 && entry.wire === 5) timeNs = Number(entry.value);
    else if (entry.field === 2) {
      const [key, value, ...more] = readMessage(entry.bytes);
      if (key?.field !== 1 || value?.field !== 2 || more.length > 0) throw new Error('Content needs Key and Value');
      contents.push([utf8(key.bytes), utf8(value.bytes)]);
    } else throw new Error(`field ${entry.field} of Log is not expected`);
  }
  if (time === undefined || time > 0xffff_ffff) throw new Error('Log needs a Time of 32 bits');
  return { time, timeNs, topic, contents: Object.fromEntries(contents) };
}

interface Entry {
  readonly field: number;
  readonly wire: number;
  readonly value: bigint;
  readonly bytes: Buffer;
}

function readMessage(bytes: Buffer): readonly Entry[] {
  const entries: Entry[] = [];
  let at = 0;
  while (at < bytes.length) {
    const key = varint();
    const [field, wire] = [Number(key >> 3n), Number(key & 7n)];
    if (wire === 0) entries.push({ field, wire, value: varint(), bytes: Buffer.alloc(0) });
    else if (wire === 5) entries.push({ field, wire, value: BigInt(take(4).readUInt32LE()), bytes: Buffer.alloc(0) });
    else if (wire === 2) entries.push({ field, wire, value: 0n, bytes: take(Number(varint())) });
    else throw new Error(`wire type ${wire} is not expected`);
  }
  return entries;

  function varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(take(1).readUInt8());
      value |= (byte & 0x7fn) << shift;
      if (byte < 0x80n) return value;
    }
  }

  function take(length: number): Buffer {
    if (at + length > bytes.length) throw new Error('the message breaks off');
    at += length;
    return bytes.subarray(at - length, at);
  }
}

function utf8(bytes: Buffer): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}
