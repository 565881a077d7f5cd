import axios from 'axios';
import * as z from 'zod/mini';

import type { Service } from './cache.ts';
import { launch, serviceFolder } from './child.ts';
import { freePorts } from './ports.ts';
import { fromEnvironment, type Lifecycle } from './service.ts';

const VERSION = '0.8.20';
/** Where the package google-cloud-cli-pubsub-emulator puts it. */
const PROGRAM = `/usr/lib/google-cloud-sdk/platform/pubsub-emulator/lib/cloud-pubsub-emulator-${VERSION}-all.jar`;

/** Google's emulator of Pub/Sub, with the REST API. */
export const pubsub: Service = {
  name: 'pubsub',
  version: VERSION,
  buildTools: [],
  runTools: ['java'],
  files: [PROGRAM],
  install: async () => {},
};

const endpoint = z.object({
  /** `http://127.0.0.1:<port>`, with the REST API, for any project */
  url: z.string(),
});

export type PubsubEndpoint = Readonly<z.infer<typeof endpoint>>;

export interface PulledMessage {
  /** The payload, as text. */
  readonly text: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface PubsubService extends PubsubEndpoint, Lifecycle {
  /**
   * Makes a topic of a project, and a subscription of its name, in order.
   * @returns what pulls what there is, and gives that with all it pulled before
   */
  readonly createTopic: (project: string, topic: string) => Promise<() => Promise<readonly PulledMessage[]>>;
}

/** Starts one that is empty; it keeps all in its memory, and nothing over a restart. */
export async function startPubsub(): Promise<PubsubService> {
  const found = fromEnvironment(pubsub, endpoint);
  if (found !== undefined) return withTopics(found);

  const folder = await serviceFolder('pubsub');
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const lifecycle = await launch({
    name: pubsub.name,
    folder,
    command: ['java', '-Xmx256m', '-jar', PROGRAM, '--host=127.0.0.1', `--port=${port}`],
    isReady: async () => (await axios.get(url, { timeout: 2_000, proxy: false })).status === 200,
  });
  return withTopics({ url, ...lifecycle });
}

const pulled = z.object({
  receivedMessages: z._default(
    z.array(
      z.object({
        ackId: z.string(),
        message: z.object({ data: z.string(), attributes: z.record(z.string(), z.string()) }),
      }),
    ),
    [],
  ),
});

function withTopics(service: PubsubEndpoint & Lifecycle): PubsubService {
  const http = axios.create({ baseURL: `${service.url}/v1/projects`, proxy: false });
  return {
    ...service,
    async createTopic(project, topic) {
      const subscription = `${project}/subscriptions/${topic}`;
      await http.put(`${project}/topics/${topic}`, {});
      await http.put(subscription, {
        topic: `projects/${project}/topics/${topic}`,
        ackDeadlineSeconds: 600,
        enableMessageOrdering: true,
      });
      const messages: PulledMessage[] = [];
      return async () => {
        for (;;) {
          const { data } = await http.post(`${subscription}:pull`, { maxMessages: 1000, returnImmediately: true });
          const { receivedMessages } = pulled.parse(data);
          if (receivedMessages.length === 0) return messages;
          for (const { message } of receivedMessages) {
            const text = Buffer.from(message.data, 'base64').toString();
            messages.push({ text, attributes: message.attributes });
          }
          await http.post(`${subscription}:acknowledge`, { ackIds: receivedMessages.map(({ ackId }) => ackId) });
        }
      };
    },
  };
}
