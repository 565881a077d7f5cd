import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DocumentSource } from '../../functions/core/destinations/documents.ts';
import type { DestinationVersion, Inability, Saved, SaveRequest } from '../../infra/console/contract.ts';
import { OpsError } from '../../infra/ops/command.ts';
import { parseId } from '../../infra/ops/folder.ts';
import { FORMATS } from '../../infra/ops/formats.ts';
import { writeDocument } from './document-file.ts';

/** The destinations of a folder with their earlier versions, as far as they were seen here. */
export interface Versions {
  /** Types that have a destination, as of a second ago. */
  types(): ReadonlySet<string>;
  /** Those before the one that is there, newest first. */
  earlier(id: string): Promise<readonly DestinationVersion[]>;
  /** @throws {OpsError} if the file is not as it was when it was edited, or is YAML. */
  save(request: SaveRequest): Promise<Saved>;
  /** Why a destination is not saved here, if its file is YAML. */
  noEdit(id: string): Inability | undefined;
}

const LOOK_MS = 1000;
/** Of a destination, with as many characters together; the newest is kept in any case. */
const MOST_VERSIONS = 20;
const MOST_CHARACTERS = 200_000;
/** Of destinations that are gone: those that have changed last. */
const MOST_GONE = 100;

/** Looks at the folder once a second until the signal aborts, so that edits in an editor are versions too. */
export function keepVersions(folder: string, source: DocumentSource, signal: AbortSignal): Versions {
  /** By destination, newest first; the first is there now, unless the destination is gone. */
  const known = new Map<string, readonly DestinationVersion[]>();
  let present: ReadonlySet<string> = new Set();
  /** Looks and writes come one after the other. */
  let last: Promise<unknown> = Promise.resolve();
  void watch();
  return {
    types: () => new Set([...present].map((id) => id.slice(0, id.indexOf('/')))),
    async earlier(id) {
      await inTurn(look);
      const all = known.get(id) ?? [];
      return present.has(id) ? all.slice(1) : all;
    },
    save: (request) => inTurn(() => save(request)),
    noEdit,
  };

  async function watch(): Promise<void> {
    while (!signal.aborted) {
      // A folder that cannot be read is told of where its destinations are shown.
      await inTurn(look).catch(() => {});
      await sleep(LOOK_MS, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  }

  async function look(): Promise<void> {
    const listed = await source.list('destinations');
    const isFirst = known.size === 0;
    for (const [id, document] of listed) {
      if ('text' in document) note(id, document, isFirst ? {} : { at: new Date().toISOString() });
    }
    present = new Set(listed.keys());
    const gone = [...known.keys()].filter((id) => !present.has(id));
    for (const id of gone.slice(0, -MOST_GONE)) known.delete(id);
  }

  function note(
    id: string,
    { version, text }: Pick<DestinationVersion, 'version' | 'text'>,
    seen: Pick<DestinationVersion, 'at' | 'by'>,
  ): void {
    const all = known.get(id) ?? [];
    if (all[0]?.version === version) return;
    const others = all.filter((each) => each.version !== version);
    // The map stays in the order of the last change.
    known.delete(id);
    known.set(id, bounded([{ version, text, ...seen }, ...others]));
  }

  async function save({ id, text, basedOn }: SaveRequest): Promise<Saved> {
    const { type, name } = parseId(id);
    const file = join(folder, 'destinations', type, `${name}.json`);
    await look();
    const before = (await source.read('destinations', [id])).get(id);
    if (before && 'failure' in before) throw new OpsError(`${id} cannot be read: ${before.failure}`);
    const refused = noEdit(id);
    if (refused) throw new OpsError(refused.why);
    if ((before?.version ?? '') !== basedOn)
      throw new OpsError(`${id} was changed meanwhile: load it again, and repeat the edit`);
    await writeDocument(file, text);
    const after = (await source.read('destinations', [id])).get(id);
    if (!after || 'failure' in after) throw new OpsError(`${file} cannot be read after it was written`);
    note(id, after, { at: new Date().toISOString(), by: 'console' });
    present = new Set([...present, id]);
    return { version: after.version };
  }

  function noEdit(id: string): Inability | undefined {
    const path = join(folder, 'destinations', id);
    const endings = Object.keys(FORMATS).filter((end) => end !== '.json');
    const file = endings.map((end) => path + end).find((each) => existsSync(each));
    // What was typed on the page is JSON, in which the file's comments and layout would be lost.
    return file === undefined
      ? undefined
      : { why: `This destination is the YAML file ${file}: edit it there, and it is in force within a second.` };
  }
}

function bounded(versions: readonly DestinationVersion[]): readonly DestinationVersion[] {
  let characters = 0;
  return versions.slice(0, MOST_VERSIONS).filter(({ text }, index) => {
    characters += text.length;
    return index === 0 || characters <= MOST_CHARACTERS;
  });
}
