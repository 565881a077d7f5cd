import { untilAborted } from '../contract/limits.ts';
import { retry, type Outcome } from '../contract/outcome.ts';
import type { AwsCredentials, Parcel, Sink, SinkContext } from '../contract/sink.ts';
import { namedMessageOf } from '../contract/untrusted.ts';
import type { Destination } from '../destinations/destination.ts';
import { HttpError } from '../kit/http.ts';
import type { Clients } from './clients.ts';
import { readAnswers, type Answer, type Cleaning } from './outcomes.ts';

/** What a sink is given, but for what conceals its secrets. */
export type GivenContext<Options, Secrets> = Omit<SinkContext<Options, Secrets>, 'conceal'>;

export interface SendOptions<Options, Secrets, Payload, Client> {
  readonly sink: Sink<Options, Secrets, Payload, Client>;
  readonly clients: Clients<Options, Secrets, Client>;
  readonly contextOf: (destination: Destination<Options, Secrets>) => GivenContext<Options, Secrets>;
  /** Called before each request: pacing counts them. */
  readonly onSend: (destination: Destination<Options, Secrets>) => void;
}

/** Sends one parcel. An answer for each of its events, in order; never rejects, whatever the sink does. */
export async function sendParcel<Options, Secrets, Payload, Client>(
  parcel: Parcel<Payload>,
  destination: Destination<Options, Secrets>,
  options: SendOptions<Options, Secrets, Payload, Client>,
): Promise<readonly Answer[]> {
  const { sink, clients, contextOf, onSend } = options;
  const cleaning = cleaningFor(destination, options);
  const ctx = concealing(contextOf(destination), clients.redactor(destination).conceal);
  let result: unknown;
  try {
    const client = await untilAborted(clients.get(destination, ctx), ctx.signal);
    onSend(destination);
    result = await untilAborted(sink.send(parcel, client, ctx), ctx.signal);
  } catch (error) {
    result = thrown(error, ctx.signal);
  }
  const answers = readAnswers(result, parcel.events, cleaning);
  if (answers.some(asksToReconnect)) await clients.drop(destination);
  return answers;
}

/** What the texts of a sink about this destination are cleaned with. */
export function cleaningFor<Options, Secrets, Payload, Client>(
  destination: Destination<Options, Secrets>,
  { sink, clients }: Pick<SendOptions<Options, Secrets, Payload, Client>, 'sink' | 'clients'>,
): Cleaning {
  const { use, redact } = clients.redactor(destination);
  use(destination.secretValues);
  return { redact, codes: sink.config.codes };
}

/** The function's own credentials are secrets too, of which a signing sink sends some. */
function concealing<Options, Secrets>(
  ctx: GivenContext<Options, Secrets>,
  conceal: (text: string) => void,
): SinkContext<Options, Secrets> {
  const credentials = async (): Promise<AwsCredentials> => {
    const found = await ctx.aws.credentials();
    for (const text of [found.secretAccessKey, found.sessionToken]) if (text !== undefined) conceal(text);
    return found;
  };
  return { ...ctx, conceal, aws: { ...ctx.aws, credentials } };
}

/** Whether the connection, or whoever is behind it, is broken. */
export function asksToReconnect({ outcome }: Answer): boolean {
  return outcome.status === 'retry' && outcome.reconnect === true;
}

/** What a throw means. What state it has left the client in is unknown, so that one is not used again. */
function thrown(error: unknown, signal: AbortSignal): Outcome {
  const reconnect = { reconnect: true } as const;
  if (signal.aborted) return retry('timeout', 'no result before the deadline of the invocation', reconnect);
  if (error instanceof HttpError) return retry(error.code, error.message, reconnect);
  return retry('unexpected_error', namedMessageOf(error), reconnect);
}
