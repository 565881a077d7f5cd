import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Behaviour } from '../../infra/console/contract.ts';
import { REFUSED_ERRCODE, startReceiver, type SampleReceiver } from './receiver.ts';

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
/** Of events that failed and may yet be taken. */
const MOST_FAILED = 1000;

/** The sample's destinations, and the receiver of one of them. */
export interface SampleStory extends SampleDestinations {
  readonly receiver: SampleReceiver;
}

/**
 * The same, and a webhook whose receiver fails at first: its first requests with 500, which is retried, and one kind of
 * event with an error inside a 200, which makes dead letters, until it is "repaired" a little later. Whoever sets the receiver
 * ends this story.
 * @param tell takes lines for the person who watches.
 * @param replay is called after the repair, to replay the letters of a sink type.
 */
export async function createSampleDestinations(
  tell: (line: string) => void,
  replay: (type: string) => Promise<unknown>,
  repairAfterMs: number = REPAIR_AFTER_MS,
): Promise<SampleStory> {
  const { folder, stop } = await createLogDestination();
  const failed = new Set<string>();
  let failures = 0;
  let repaired = false;
  let repair: NodeJS.Timeout | undefined;

  const receiver = await startReceiver({
    destination: 'webhook/sample',
    script: ({ reason }) => behaviour(reason),
    onSet: () => clearTimeout(repair),
    onAnswer({ id, reason, place }, how) {
      if (how !== 'ok') remember(id);
      else if (failed.delete(id)) tell(`sample: webhook/sample took ${reason} of ${place}, which had failed`);
    },
  });
  await writeDocument(folder, 'destinations/webhook/sample.json', {
    filter: { match: [{ severity: ['critical', 'warning'] }] },
    repeats: 'milestones',
    url: receiver.url,
    body: {
      reason: '${ event.reason }',
      place: '${ event.object.kind }/${ event.object.name }',
      message: '${ event.message }',
    },
    reply: { field: 'errcode', success: 0, rejected: REFUSED_ERRCODE },
  });
  tell(
    `sample: webhook/sample gets what is critical or a warning, and fails at first, to show what happens then: it answers its first ${FAILING_REQUESTS} requests with 500, and ${REFUSED_REASON} with an error inside a 200 until it is repaired`,
  );
  return {
    folder,
    receiver,
    async stop() {
      clearTimeout(repair);
      await receiver.stop();
      await stop();
    },
  };

  function behaviour(reason: string): Behaviour {
    if (failures < FAILING_REQUESTS) {
      failures += 1;
      return 'fail';
    }
    if (reason !== REFUSED_REASON || repaired) return 'ok';
    repair ??= setTimeout(() => void replayLetters(), repairAfterMs);
    return 'error-in-200';
  }

  function remember(id: string): void {
    failed.add(id);
    const [oldest] = failed;
    if (failed.size > MOST_FAILED && oldest !== undefined) failed.delete(oldest);
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
