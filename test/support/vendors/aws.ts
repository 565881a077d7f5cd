/** What the strict stand-ins for AWS' services have in common. They refuse what LocalStack forgives. */
import { listOf, recordOf, textOf } from '../../../functions/core/contract/untrusted.ts';
import { AwsError, startAwsServer, type AwsServer, type Input } from '../aws/server.ts';

/** A service that keeps the events it took, and can be told what to answer. */
export interface AwsVendor {
  readonly endpoint: string;
  readonly server: AwsServer;
  /** The operation that brings events. */
  readonly operation: string;
  /** The events it took, each as the JSON text it came as, in order. */
  readonly texts: readonly string[];
  /** What each came with besides: attributes, key, stream. */
  readonly extras: readonly Input[];
  /** Number of entries in each request that it took. */
  readonly batches: readonly number[];
  /** From now on, entries that these are true of are refused with this code. */
  refuse(isRefused: (text: string) => boolean, code: string): void;
  stop(): Promise<void>;
}

/** What a service says of an entry that it does not take; undefined where it does. */
export type Refusal = string | undefined;

export interface Taken {
  readonly text: string;
  readonly extra?: Input;
}

/** What a stand-in is made of. */
export interface VendorSpec {
  readonly operation: string;
  /** The entries of a request, checked. @throws {AwsError} where the whole is refused. */
  readonly read: (input: Input) => readonly { readonly entry: Input; readonly taken: Taken }[];
  /** @param codes of the entries that were refused, undefined where they were taken */
  readonly reply: (entries: readonly Input[], codes: readonly Refusal[]) => unknown;
  readonly others?: Readonly<Record<string, (input: Input) => unknown>>;
}

export async function startVendor({ operation, read, reply, others = {} }: VendorSpec): Promise<AwsVendor> {
  const server = await startAwsServer();
  const texts: string[] = [];
  const extras: Input[] = [];
  const batches: number[] = [];
  let refusal: { isRefused: (text: string) => boolean; code: string } | undefined;
  server.answer(operation, (input) => {
    const entries = read(input);
    const codes = entries.map(({ taken }) => (refusal?.isRefused(taken.text) ? refusal.code : undefined));
    const kept = entries.filter((_, index) => codes[index] === undefined);
    texts.push(...kept.map(({ taken }) => taken.text));
    extras.push(...kept.map(({ taken }) => taken.extra ?? {}));
    batches.push(entries.length);
    return reply(
      entries.map(({ entry }) => entry),
      codes,
    );
  });
  for (const [name, answer] of Object.entries(others)) server.answer(name, answer);
  return {
    endpoint: server.endpoint,
    server,
    operation,
    texts,
    extras,
    batches,
    refuse(isRefused, code) {
      refusal = { isRefused, code };
    },
    stop: () => server.stop(),
  };
}

/** Refuses a request unless it holds. */
export function demand(holds: boolean, name: string, message: string): void {
  if (!holds) throw new AwsError(name, message);
}

/** The list of a request, with as many entries as the service takes. */
export function entriesOf(value: unknown, max: number, name: string): readonly Input[] {
  const entries = listOf(value).map(recordOf);
  demand(entries.length > 0 && entries.length <= max, name, `${entries.length} entries, want 1 to ${max}`);
  return entries;
}

/** The characters that SQS and SNS take. */
export function isTakenText(text: string): boolean {
  return text !== '' && /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u.test(text);
}

/** Bytes of a message of SQS or SNS with its attributes, which are checked too. @param names of the parameters for errors */
export function messageBytes(body: string, attributes: Readonly<Record<string, unknown>>): number {
  const named = Object.entries(attributes);
  demand(named.length <= 10, 'InvalidParameterValue', 'more than 10 attributes');
  return named.reduce((sum, [name, value]) => {
    const { DataType, StringValue } = recordOf(value);
    demand(/^[\w.-]{1,256}$/.test(name), 'InvalidParameterValue', `attribute ${name}`);
    demand(DataType === 'String' && isTakenText(textOf(StringValue)), 'InvalidParameterValue', `value of ${name}`);
    return (
      sum + [name, textOf(DataType), textOf(StringValue)].reduce((bytes, text) => bytes + Buffer.byteLength(text), 0)
    );
  }, Buffer.byteLength(body));
}

/** What FIFO topics and queues demand of an entry, and others do not take. */
export function demandFifo(isFifo: boolean, { MessageGroupId, MessageDeduplicationId }: Input): void {
  const wanted = [MessageGroupId, MessageDeduplicationId].map(textOf);
  if (isFifo) {
    for (const text of wanted)
      demand(/^[\x21-\x7e]{1,128}$/.test(text), 'MissingParameter', 'group or deduplication id');
  } else
    demand(
      wanted.every((text) => text === ''),
      'InvalidParameterValue',
      'a group or deduplication id, but no FIFO',
    );
}
