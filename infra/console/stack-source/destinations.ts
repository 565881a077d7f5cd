import { parseFields, applyChange } from '../../ops/destinations/write.ts';
import { deliverTest } from '../../ops/destinations/test.ts';
import type { Deployed } from '../../ops/aws/stack.ts';
import { findOne, openStore } from '../../ops/aws/store.ts';
import { OpsError } from '../../ops/command.ts';
import { testEvent } from '../../ops/test-event.ts';
import type { DestinationVersion, Saved, SaveRequest, TestAnswer } from '../contract.ts';

const TEST_LIMIT_MS = 60_000;

/** The versions before the one in force, newest first; SSM keeps a hundred. */
export async function readVersions(deployed: Deployed, id: string): Promise<readonly DestinationVersion[]> {
  const versions = await openStore(deployed).versions('destinations', id);
  return versions
    .slice(1)
    .map(({ version, text, writtenAt, writtenBy }) => ({ version, at: writtenAt.toISOString(), by: writtenBy, text }));
}

/** Writes a document as `ops destinations set` does. @throws {OpsError} if it was written by somebody else meanwhile. */
export async function saveDestination(deployed: Deployed, { id, text, basedOn }: SaveRequest): Promise<Saved> {
  const store = openStore(deployed);
  const current = await findOne(store, id);
  const version = current?.version ?? '';
  if (version !== basedOn) throw new OpsError(`${id} is in version ${version || 'none'} by now: load it anew`);
  const change = { id, document: parseFields(text, id), secrets: {}, current };
  await applyChange(change, { store, deployed, isDryRun: false }, { err: () => undefined });
  return { version: (await findOne(store, id))?.version ?? '' };
}

/** Delivers a test event through the deployed function. */
export async function testDestination(deployed: Deployed, id: string): Promise<TestAnswer> {
  const signal = AbortSignal.timeout(TEST_LIMIT_MS);
  const { status, code, detail } = await deliverTest(deployed, id, {
    event: testEvent(new Date()),
    cluster: 'test',
    signal,
  });
  if (status !== 'delivered' && status !== 'retry' && status !== 'rejected')
    throw new OpsError(`the function of ${id} answered ${status}: is it of another version?`);
  return { status, ...(code !== undefined && { code }), ...(detail !== undefined && { detail }) };
}
