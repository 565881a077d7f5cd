import type { Problem } from '../../../functions/core/contract/config.ts';
import type { DocumentSource, StoredDocument } from '../../../functions/core/destinations/documents.ts';
import { parseId, type DestinationSource } from '../../ops/folder.ts';
import { OpsError } from '../../ops/command.ts';
import type { DestinationVersion } from '../contract.ts';
import { problemsOf } from '../check.ts';
import { NOT_DEPLOYED } from '../destination-reader.ts';
import { configOf } from '../secrets.ts';
import { restoredText, type Showing } from '../shown-document.ts';
import type { Context } from './context.ts';

/** A document as it was typed, with what is stored in the place of what was not shown. */
export interface Edit {
  readonly source: DestinationSource;
  /** Empty where it is new. */
  readonly storedVersion: string;
  /** Empty: it may be saved. */
  readonly problems: readonly Problem[];
}

/** Looks at a document as it is typed. */
export async function readEdit(
  id: string,
  typed: string,
  { source: { about }, secrets }: Context,
  signal: AbortSignal,
): Promise<Edit> {
  const config = await configOf(id);
  const { type, name, problem } = idOf(id);
  const document = problem === undefined ? await storedOne(id, secrets.documents, signal) : undefined;
  const showing: Showing = { config, redact: secrets.redact };
  const { text, problems } = restoredText(typed, document?.text, showing);
  const secret = problem === undefined ? await secretOf(id, secrets.documents, signal) : undefined;
  const source: DestinationSource = {
    id,
    type,
    name,
    file: id,
    text,
    secretFile: `secrets/${id}`,
    secretText: secret?.text,
  };
  const storedVersion = document?.version ?? '';
  if (problem !== undefined) return { source, storedVersion, problems: [{ field: '', message: problem }] };
  return {
    source,
    storedVersion,
    problems: [
      ...(about.sinks.includes(type) ? [] : [{ field: '', message: NOT_DEPLOYED }]),
      ...problems,
      ...(await problemsOf(source, secret !== undefined)),
    ],
  };
}

function idOf(id: string): { readonly type: string; readonly name: string; readonly problem?: string } {
  try {
    return parseId(id);
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    return { type: '', name: '', problem: error.message };
  }
}

/** A destination's document; undefined where there is none. @throws {OpsError} where it cannot be read. */
export async function storedOne(
  id: string,
  documents: DocumentSource,
  signal: AbortSignal,
): Promise<StoredDocument | undefined> {
  const found = (await documents.read('destinations', [id], signal)).get(id);
  if (found && 'failure' in found) throw new OpsError(`${id} cannot be read: ${found.failure}`);
  return found;
}

/** Versions of a destination, as far as they are kept. They are not to be shown as they are. */
export async function versionsOf(id: string, { source, secrets }: Context): Promise<readonly DestinationVersion[]> {
  const versions = await source.versions(id);
  await secrets.learnEarlier(
    id,
    versions.map(({ text }) => text),
  );
  return versions;
}

/** The secrets of a destination, without text where there are none; undefined where they cannot be read from here. */
export async function secretOf(
  id: string,
  documents: DocumentSource,
  signal: AbortSignal,
): Promise<Partial<StoredDocument> | undefined> {
  try {
    const found = (await documents.read('secrets', [id], signal)).get(id);
    if (found && 'failure' in found) return undefined;
    return found ?? {};
  } catch {
    return undefined;
  }
}
