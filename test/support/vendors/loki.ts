import * as z from 'zod/mini';
import { isRecord } from '../../../functions/core/contract/untrusted.ts';
import { startHttpServer, type Answer, type ReceivedRequest } from '../http-server.ts';

/** An entry as Loki holds it. */
export interface LokiEntry {
  readonly labels: Readonly<Record<string, string>>;
  readonly time: bigint;
  readonly line: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface LokiLimits {
  readonly allowStructuredMetadata: boolean;
  readonly maxLabels: number;
  readonly maxStreams: number;
  readonly maxLineBytes: number;
  readonly maxMetadataBytes: number;
}

export interface LokiOptions extends Partial<LokiLimits> {
  readonly now: () => Date;
  /** With `auth_enabled`. */
  readonly tenant?: string;
  readonly authorization?: string;
}

export interface Loki {
  readonly url: string;
  /** Each once, whatever was sent again: same stream, time and line. */
  entries(): readonly LokiEntry[];
  readonly pushes: readonly Answer[];
  /** Answers the next push with this. */
  failNext(answer: Answer): void;
  stop(): Promise<void>;
}

const DEFAULTS: LokiLimits = {
  allowStructuredMetadata: true,
  maxLabels: 15,
  maxStreams: 5000,
  maxLineBytes: 262_144,
  maxMetadataBytes: 65_536,
};
const MAX_METADATA_ENTRIES = 128;
const MAX_NAME_BYTES = 1024;
const MAX_VALUE_BYTES = 2048;
const WEEK_MS = 7 * 24 * 3_600_000;
const HOUR_MS = 3_600_000;
const GRACE_MS = 600_000;
const MILLION = 1_000_000n;

const pushSchema = z.strictObject({
  streams: z.array(
    z.strictObject({
      stream: z.record(z.string(), z.string()),
      values: z.array(
        z.union([
          z.tuple([z.string().check(z.regex(/^\d+$/)), z.string()]),
          z.tuple([z.string().check(z.regex(/^\d+$/)), z.string(), z.record(z.string(), z.string())]),
        ]),
      ),
    }),
  ),
});

type Push = z.infer<typeof pushSchema>;
type Stream = Push['streams'][number];

/**
 * Loki's push API with the limits, order and texts of its `pkg/validation` and `pkg/ingester`: what is valid of a push is stored, and the
 * first thing that is not makes the reply.
 */
export async function startLoki(options: LokiOptions): Promise<Loki> {
  const limits = { ...DEFAULTS, ...options };
  const streams = new Map<string, Map<string, LokiEntry>>();
  const pushes: Answer[] = [];
  let next: Answer | undefined;
  const server = await startHttpServer((request) => {
    const reply = next ?? answer(request);
    next = undefined;
    pushes.push(reply);
    return reply;
  });
  return {
    url: server.url,
    entries: () => [...streams.values()].flatMap((entries) => [...entries.values()]),
    pushes,
    failNext(reply) {
      next = reply;
    },
    stop: () => server.stop(),
  };

  function answer({ method, path, headers, body }: ReceivedRequest): Answer {
    if (path !== '/loki/api/v1/push') return text(404, '404 page not found');
    if (method !== 'POST') return text(405, '');
    if (options.authorization !== undefined && headers['authorization'] !== options.authorization)
      return text(401, 'authentication error: invalid token');
    if (options.tenant !== undefined && headers['x-scope-orgid'] !== options.tenant) return text(401, 'no org id');
    // Anything else is read as protobuf.
    if (headers['content-type'] !== 'application/json') return text(400, 'snappy: corrupt input');
    if (hasLoneSurrogate(body)) return text(400, "couldn't parse push request: invalid UTF-8");
    const push = pushSchema.safeParse(parsed(body));
    if (!push.success) return text(400, `couldn't parse push request: ${push.error.issues[0]?.path.join('.')}`);
    if (push.data.streams.length === 0) return text(422, 'error at least one valid stream is required for ingestion');
    const refusals = push.data.streams.flatMap(take);
    const [first] = refusals;
    return first === undefined ? { status: 204 } : text(...first);
  }

  function take({ stream, values }: Stream): readonly Refusal[] {
    const shown = `{${Object.entries(stream)
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .join(', ')}}`;
    const problem = labelProblem(stream, shown, limits);
    if (problem !== undefined) return [[400, problem]];
    const held = streams.get(shown) ?? new Map<string, LokiEntry>();
    if (!streams.has(shown) && streams.size >= limits.maxStreams)
      return [[429, `Maximum active stream limit exceeded when trying to create stream ${shown}, user: 'fake'`]];
    streams.set(shown, held);
    return values.flatMap(([time, line, metadata = {}]): readonly Refusal[] => {
      const entry = { labels: stream, time: BigInt(time), line, metadata };
      const refused = entryProblem(entry, shown) ?? behind(entry, held);
      if (refused !== undefined) return [[400, refused]];
      held.set(`${time} ${line}`, entry);
      return [];
    });
  }

  function entryProblem({ time, line, metadata }: LokiEntry, shown: string): string | undefined {
    const ms = Number(time / MILLION);
    const now = options.now().getTime();
    const bytes = Object.entries(metadata).reduce((sum, pair) => sum + Buffer.byteLength(pair.join('')), 0);
    const count = Object.keys(metadata).length;
    if (ms < now - WEEK_MS)
      return `entry for stream '${shown}' has timestamp too old: ${time}, oldest acceptable timestamp is: ${now - WEEK_MS}`;
    if (ms > now + GRACE_MS) return `entry for stream '${shown}' has timestamp too new: ${time}`;
    if (Buffer.byteLength(line) > limits.maxLineBytes)
      return `Max entry size '${limits.maxLineBytes}' bytes exceeded for stream '${shown}' while adding an entry with length '${Buffer.byteLength(line)}' bytes`;
    if (count > 0 && !limits.allowStructuredMetadata)
      return `stream '${shown}' includes structured metadata, but this feature is disallowed. Please see \`limits_config.allow_structured_metadata\``;
    if (bytes > limits.maxMetadataBytes)
      return `stream '${shown}' has structured metadata too large: '${bytes}' bytes, limit: '${limits.maxMetadataBytes}' bytes.`;
    if (count > MAX_METADATA_ENTRIES)
      return `stream '${shown}' has too many structured metadata labels: '${count}', limit: '${MAX_METADATA_ENTRIES}'.`;
    return undefined;
  }
}

type Refusal = readonly [status: number, text: string];

function labelProblem(stream: Stream['stream'], shown: string, limits: LokiLimits): string | undefined {
  const labels = Object.entries(stream);
  if (labels.length === 0) return 'error at least one label pair is required per stream';
  if (labels.length > limits.maxLabels)
    return `entry for stream '${shown}' has ${labels.length} label names; limit ${limits.maxLabels}`;
  for (const [name, value] of labels) {
    if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name)) return `Error parsing labels '${shown}' with error: parse error`;
    if (Buffer.byteLength(name) > MAX_NAME_BYTES) return `stream '${shown}' has label name too long: '${name}'`;
    if (Buffer.byteLength(value) > MAX_VALUE_BYTES) return `stream '${shown}' has label value too long: '${value}'`;
  }
  return undefined;
}

/** An entry may be an hour behind the newest of its stream, half of `max_chunk_age`. */
function behind({ time }: LokiEntry, held: ReadonlyMap<string, LokiEntry>): string | undefined {
  let newest = 0n;
  for (const entry of held.values()) if (entry.time > newest) newest = entry.time;
  const oldest = newest - BigInt(HOUR_MS) * MILLION;
  return time >= oldest
    ? undefined
    : `entry with timestamp ${time} ignored, reason: 'entry too far behind, entry timestamp is: ${time}, oldest acceptable timestamp is: ${oldest}'`;
}

function parsed(body: string): unknown {
  try {
    const value: unknown = JSON.parse(body);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function hasLoneSurrogate(body: string): boolean {
  return /\\ud[89a-f]/i.test(body);
}

function text(status: number, body: string): Answer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: `${body}\n` };
}
