import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/**
 * An SQS endpoint on the loopback that knows SendMessageBatch and nothing else, in AWS' JSON protocol. It accepts
 * everything until a script says otherwise, and is fast enough to be measured against.
 */
export interface ScriptedSqs {
  /** The queue's URL, for QUEUE_URL. */
  readonly queueUrl: string;
  /** Accepted bodies, in order of acceptance, unless `keep` was false. */
  readonly bodies: readonly string[];
  /** How many messages were accepted. */
  readonly accepted: number;
  readonly calls: number;
  /** Decides about each call, until called with undefined. A decision of undefined accepts. */
  script(decide: ((call: SqsCall) => SqsDecision | Promise<SqsDecision | undefined> | undefined) | undefined): void;
  /** Is told of every accepted body. */
  onAccepted(listener: (body: string) => void): void;
  close(): Promise<void>;
}

export interface SqsCall {
  readonly entries: readonly { readonly Id: string; readonly MessageBody: string; readonly MessageGroupId?: string }[];
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export type SqsDecision =
  /** The call fails as a whole. `type` is the error's name on the wire. */
  | { readonly status: number; readonly type: string; readonly message?: string }
  /** Some entries fail, by index. */
  | {
      readonly failed: Readonly<
        Record<number, { readonly senderFault: boolean; readonly code: string; readonly message?: string }>
      >;
    }
  /** The script has answered (or never will). */
  | 'taken';

export async function startScriptedSqs({
  keep = true,
  delayMs = 0,
}: { keep?: boolean; delayMs?: number } = {}): Promise<ScriptedSqs> {
  const bodies: string[] = [];
  const listeners: ((body: string) => void)[] = [];
  let accepted = 0;
  let calls = 0;
  let decide: ((call: SqsCall) => SqsDecision | Promise<SqsDecision | undefined> | undefined) | undefined;

  async function handle(text: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    calls += 1;
    const entries: SqsCall['entries'] = JSON.parse(text).Entries;
    const decision = await decide?.({ entries, request, response });
    if (decision === 'taken') return;
    if (decision !== undefined && 'status' in decision) {
      response.writeHead(decision.status, {
        'content-type': 'application/x-amz-json-1.0',
        'x-amzn-query-error': `${decision.type};Sender`,
      });
      response.end(
        JSON.stringify({ __type: `com.amazonaws.sqs#${decision.type}`, message: decision.message ?? 'scripted' }),
      );
      return;
    }
    const failed = decision?.failed ?? {};
    const Successful = entries.flatMap(({ Id, MessageBody }, i) => {
      if (failed[i] !== undefined) return [];
      accepted += 1;
      if (keep) bodies.push(MessageBody);
      for (const listener of listeners) listener(MessageBody);
      return [{ Id, MessageId: `m-${accepted}`, MD5OfMessageBody: '' }];
    });
    const Failed = Object.entries(failed).map(([i, { senderFault, code, message }]) => ({
      Id: entries[Number(i)]?.Id ?? i,
      SenderFault: senderFault,
      Code: code,
      Message: message ?? 'scripted',
    }));
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify({ Successful, ...(Failed.length > 0 && { Failed }) }));
  }

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      if (delayMs > 0) setTimeout(() => void handle(text, request, response), delayMs);
      else void handle(text, request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  return {
    queueUrl: `http://127.0.0.1:${port}/000000000000/ingest`,
    bodies,
    get accepted() {
      return accepted;
    },
    get calls() {
      return calls;
    },
    script(next) {
      decide = next;
    },
    onAccepted: (listener) => void listeners.push(listener),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
