import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { textsOf } from '../../functions/core/contract/untrusted.ts';
import type { Behaviour, Receiver } from '../../infra/console/contract.ts';

/** What a destination of the sample sends. */
export interface SampleRequest {
  readonly id: string;
  readonly reason: string;
  readonly place: string;
}

export interface ReceiverOptions {
  /** The destination that delivers to it. */
  readonly destination: string;
  /** How it answers until somebody sets it. */
  readonly script: (request: SampleRequest) => Behaviour;
  /** Is told when somebody sets it: from then on the script is not asked. */
  readonly onSet: () => void;
  readonly onAnswer: (request: SampleRequest, behaviour: Behaviour) => void;
}

/** A service that fails as it is told to. */
export interface SampleReceiver {
  readonly url: string;
  /** `ok` while the script decides. A request that hangs counts when it begins to. */
  read(): Receiver;
  /** Requests that hang are answered so too. */
  set(behaviour: Behaviour): void;
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** The errcode with which it refuses inside a 200, as chat robots such as DingTalk's do. */
export const REFUSED_ERRCODE = 310_000;

const ANSWERS: Readonly<Record<Exclude<Behaviour, 'hang'>, Answer>> = {
  ok: { status: 200, body: { errcode: 0, errmsg: 'ok' } },
  throttle: { status: 429, headers: { 'retry-after': '10' }, body: { errmsg: 'too many requests' } },
  fail: { status: 500, body: { errmsg: 'the receiver fails' } },
  'error-in-200': { status: 200, body: { errcode: REFUSED_ERRCODE, errmsg: 'the receiver refuses' } },
};

export async function startReceiver({
  destination,
  script,
  onSet,
  onAnswer,
}: ReceiverOptions): Promise<SampleReceiver> {
  const answered = new Map<Behaviour, number>();
  const hanging = new Map<ServerResponse, SampleRequest>();
  let set: Behaviour | undefined;

  const server = createServer((request, response) => {
    response.on('close', () => hanging.delete(response));
    text(request).then(
      (body) => {
        const { reason = '', place = '' } = fieldsOf(body);
        const sent = { id: String(request.headers['webhook-id']), reason, place };
        answer(sent, response, set ?? script(sent));
      },
      () => response.destroy(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}/`,
    read: () => ({ behaviour: set ?? 'ok', destination, answered: Object.fromEntries(answered) }),
    set(next) {
      if (set === undefined) onSet();
      set = next;
      if (next === 'hang') return;
      for (const [response, sent] of hanging) answer(sent, response, next);
      hanging.clear();
    },
    async stop() {
      server.close();
      server.closeAllConnections();
    },
  };

  function answer(sent: SampleRequest, response: ServerResponse, behaviour: Behaviour): void {
    answered.set(behaviour, (answered.get(behaviour) ?? 0) + 1);
    onAnswer(sent, behaviour);
    if (behaviour === 'hang') {
      hanging.set(response, sent);
      return;
    }
    const { status, headers, body } = ANSWERS[behaviour];
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  }
}

function fieldsOf(body: string): Readonly<Record<string, string>> {
  try {
    return textsOf(JSON.parse(body));
  } catch {
    return {};
  }
}
