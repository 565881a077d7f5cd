import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

export interface SampleDestinations {
  readonly folder: string;
  readonly stop: () => Promise<void>;
}

/** A folder with one destination, which prints every event as a line. */
export async function createLogDestination(): Promise<SampleDestinations> {
  const folder = await mkdtemp(join(tmpdir(), 'kube-courier-start-'));
  await writeDocument(folder, 'destinations/log/console.json', { format: 'text', repeats: 'milestones' });
  return { folder, stop: () => rm(folder, { recursive: true, force: true }) };
}

/** Adds a destination that archives every event, in what speaks S3's protocol there. */
export async function addArchive(folder: string, endpoint: string): Promise<void> {
  await writeDocument(folder, 'destinations/s3/archive.json', { bucket: 'archive', endpoint });
  await writeDocument(folder, 'secrets/s3/archive.json', { accessKey: { id: 'embedded', secret: 'embedded' } });
}

const FAILING_REQUESTS = 3;
const REFUSED_REASON = 'FailedScheduling';
const REPAIR_AFTER_MS = 12_000;

/**
 * The same, and a webhook whose receiver fails at first: its first requests with 503, which is retried, and one kind of
 * event with 422, which makes dead letters, until it is "repaired" a little later.
 * @param tell takes lines for the person who watches.
 * @param replay is called after the repair, to replay the letters of a sink type.
 */
export async function createSampleDestinations(
  tell: (line: string) => void,
  replay: (type: string) => Promise<unknown>,
  repairAfterMs: number = REPAIR_AFTER_MS,
): Promise<SampleDestinations> {
  const { folder, stop } = await createLogDestination();
  const failed = new Set<string>();
  let failures = 0;
  let repaired = false;
  let repair: NodeJS.Timeout | undefined;

  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { reason, place }: Readonly<Record<string, unknown>> = JSON.parse(body);
      const status = answer(String(reason));
      const id = String(request.headers['webhook-id']);
      if (status !== 200) failed.add(id);
      else if (failed.delete(id))
        tell(`sample: webhook/sample took ${String(reason)} of ${String(place)}, which had failed`);
      response.writeHead(status).end(status === 422 ? 'not accepted until the sample is repaired' : undefined);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  await writeDocument(folder, 'destinations/webhook/sample.json', {
    filter: { match: [{ severity: ['critical', 'warning'] }] },
    repeats: 'milestones',
    url: `http://127.0.0.1:${port}/`,
    body: {
      reason: '${ event.reason }',
      place: '${ event.object.kind }/${ event.object.name }',
      message: '${ event.message }',
    },
  });
  tell(
    `sample: webhook/sample gets what is critical or a warning, and fails at first, to show what happens then: it answers its first ${FAILING_REQUESTS} requests with 503, and ${REFUSED_REASON} with 422 until it is repaired`,
  );
  return {
    folder,
    async stop() {
      clearTimeout(repair);
      server.close();
      server.closeAllConnections();
      await stop();
    },
  };

  function answer(reason: string): number {
    if (failures < FAILING_REQUESTS) {
      failures += 1;
      return 503;
    }
    if (reason !== REFUSED_REASON || repaired) return 200;
    repair ??= setTimeout(() => void replayLetters(), repairAfterMs);
    return 422;
  }

  async function replayLetters(): Promise<void> {
    repaired = true;
    tell('sample: webhook/sample is repaired; its dead letters are replayed');
    await replay('webhook');
  }
}

/** Writes a document into a folder of destinations. */
export async function writeDocument(folder: string, file: string, document: object): Promise<void> {
  const path = join(folder, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(document, undefined, 2)}\n`);
}
