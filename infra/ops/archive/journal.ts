import { appendFile, open, readFile, rm } from 'node:fs/promises';
import { codeOf, listOf, recordOf, textOf } from '../../../functions/core/contract/untrusted.ts';
import { OpsError } from '../command.ts';
import { fileProblem } from '../events.ts';

/** What a replay is: two that differ here have nothing to do with each other. */
export interface ReplayRequest {
  readonly destination: string;
  readonly archive: string;
  /** The options by which events are chosen, as they were typed, and the text of the filter. */
  readonly options: Readonly<Record<string, string>>;
}

/** The times of a replay, in milliseconds: `--since 1d` means another day tomorrow. */
export interface ReplayTimes {
  readonly since: number;
  readonly until: number;
}

/** A file that says which events a replay has sent, so that it can be interrupted and repeated. */
export interface Journal extends ReplayTimes {
  /** Ids of what was sent in earlier runs. */
  readonly sent: ReadonlySet<string>;
  /** Notes that these were sent. */
  add(ids: readonly string[]): Promise<void>;
  /** Removes the file: the replay is complete. */
  remove(): Promise<void>;
}

/**
 * Opens the journal of a replay, or begins it with these times.
 * @throws {OpsError} where the file is that of another replay
 */
export async function openJournal(file: string, request: ReplayRequest, times: ReplayTimes): Promise<Journal> {
  const lines = await linesOf(file);
  const [first = '', ...rest] = lines;
  const head = JSON.stringify(request);
  const sent = new Set<string>();
  let range = times;
  if (lines.length === 0) {
    await write(file, `${JSON.stringify({ v: 1, request, times })}\n`);
  } else {
    const found = recordOf(parse(first));
    if (JSON.stringify(found['request']) !== head)
      throw new OpsError(
        `${file} is the journal of another replay: repeat that one with its own options, name another file with --journal, or remove it`,
      );
    const { since, until } = recordOf(found['times']);
    range = { since: Number(since), until: Number(until) };
    for (const line of rest) for (const id of listOf(parse(line))) sent.add(textOf(id));
    // Half a line is left as it is: what follows begins on a line of its own.
    await appendFile(file, '\n');
  }
  return {
    ...range,
    sent,
    add: async (ids) => appendFile(file, `${JSON.stringify(ids)}\n`),
    remove: async () => rm(file, { force: true }),
  };
}

async function linesOf(file: string): Promise<readonly string[]> {
  try {
    return (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw new OpsError(`${file}: ${fileProblem(error)}`);
  }
}

/** Made only where there is none: two replays at once would not know of each other. */
async function write(file: string, text: string): Promise<void> {
  try {
    const handle = await open(file, 'wx', 0o600);
    await handle.writeFile(text);
    await handle.close();
  } catch (error) {
    throw new OpsError(`${file}: ${fileProblem(error)}`);
  }
}

/** A process that was killed leaves half a line: what it noted there is sent again, under the same ids. */
function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
