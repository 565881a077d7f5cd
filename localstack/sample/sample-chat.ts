import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { recordOf, textOf } from '../../functions/core/contract/untrusted.ts';
import type { ChatMessage } from './chat-card.ts';
import { writeDocument } from './sample-destinations.ts';

/** The name of the destination, as people see it. */
export const CHAT = 'dingtalk/sample';

export interface SampleChat {
  stop(): Promise<void>;
}

/**
 * Adds a chat to a folder of destinations: a DingTalk group on this machine. What its robot is sent is what DingTalk would be sent.
 * @param show takes each message.
 */
export async function addSampleChat(folder: string, show: (message: ChatMessage) => void): Promise<SampleChat> {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const message = messageIn(body);
      if (message) show(message);
      const reply = message ? { errcode: 0, errmsg: 'ok' } : { errcode: 40035, errmsg: 'not a message' };
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(reply));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  await writeDocument(folder, `secrets/${CHAT}.json`, { accessToken: 'none-is-needed-here' });
  await writeDocument(folder, `destinations/${CHAT}.json`, {
    // What somebody must act on, and what everybody knows.
    filter: { match: [{ severity: ['critical'] }, { type: ['Warning'], reason: ['BackOff'] }] },
    repeats: 'milestones',
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    endpoint: `http://127.0.0.1:${port}`,
  });
  return {
    async stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Undefined of what no robot sends. */
function messageIn(body: string): ChatMessage | undefined {
  try {
    const markdown = recordOf(recordOf(JSON.parse(body))['markdown']);
    const [title, message] = [textOf(markdown['title']), textOf(markdown['text'])];
    return title === '' ? undefined : { title, text: message };
  } catch {
    return undefined;
  }
}
