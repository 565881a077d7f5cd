import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import axios from 'axios';
import * as z from 'zod/mini';

import { installOnce, type Service } from './cache.ts';
import { launch, serviceFolder } from './child.ts';
import { freePorts } from './ports.ts';
import { run } from './run.ts';
import { fromEnvironment, type Lifecycle } from './service.ts';

const VERSION = '0.8.20';
const JAR = `platform/pubsub-emulator/lib/cloud-pubsub-emulator-${VERSION}-all.jar`;
const SHA256 = '056bc216749e95ef495a81c9fa96b66863cedfb1b80b4d78ee8e3bde5a7b452f';
/** Where the package google-cloud-cli-pubsub-emulator puts it. */
const PACKAGED = join('/usr/lib/google-cloud-sdk', JAR);
/** The component of Google's SDK of the same build. */
const COMPONENT =
  'https://dl.google.com/dl/cloudsdk/channels/rapid/components/google-cloud-sdk-pubsub-emulator-20250620144631.tar.gz';

/** Google's emulator of Pub/Sub, with the REST API. */
export const pubsub: Service = {
  name: 'pubsub',
  version: VERSION,
  buildTools: ['tar'],
  runTools: ['java'],
  async install(folder) {
    const program = join(folder, 'emulator.jar');
    if (existsSync(PACKAGED)) await copyFile(PACKAGED, program);
    else {
      const archive = join(folder, 'component.tar.gz');
      const { data } = await axios.get<Buffer>(COMPONENT, { responseType: 'arraybuffer' });
      await writeFile(archive, data);
      await run('tar', ['-xzf', archive, '-C', folder]);
      await copyFile(join(folder, JAR), program);
      await rm(archive);
      await rm(join(folder, 'platform'), { recursive: true });
    }
    const found = createHash('sha256')
      .update(await readFile(program))
      .digest('hex');
    if (found !== SHA256) throw new Error(`the emulator of Pub/Sub has the SHA-256 ${found}, expected ${SHA256}`);
  },
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

  const program = join(await installOnce(pubsub), 'emulator.jar');
  const folder = await serviceFolder('pubsub');
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const lifecycle = await launch({
    name: pubsub.name,
    folder,
    command: ['java', '-Xmx256m', '-jar', program, '--host=127.0.0.1', `--port=${port}`],
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
