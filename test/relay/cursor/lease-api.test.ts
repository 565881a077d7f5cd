import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ApiClient, createApiClient } from '../../../relay/cluster/api-client.ts';
import { acquisition, createLeaseApi, CURSOR_ANNOTATION, type LeaseApi } from '../../../relay/cursor/lease-api.ts';
import { fail, type ScriptedApiServer, startApiServer } from '../../support/api-server.ts';
import { accessTo } from '../../support/relay.ts';

const never = new AbortController().signal;
const metadata = { name: 'l', namespace: 'n' };
const MICRO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

let server: ScriptedApiServer;
let client: ApiClient;
let api: LeaseApi;

beforeEach(async () => {
  server = await startApiServer();
  client = createApiClient(accessTo(server.url), 'test');
  api = createLeaseApi(client, { ...metadata, identity: 'me' }, { durationMs: 14_200, renewDeadlineMs: 10_000 });
});
afterEach(async () => {
  client.close();
  await server.close();
});

test('creates a Lease with all that others need to respect it', async () => {
  await api.create({ ...acquisition('me'), cursors: 'saved' }, never);
  expect(server.lease('n/l')).toMatchObject({
    metadata: { ...metadata, annotations: { [CURSOR_ANNOTATION]: 'saved' } },
    spec: {
      holderIdentity: 'me',
      leaseDurationSeconds: 15,
      leaseTransitions: 0,
      acquireTime: expect.stringMatching(MICRO_TIME),
      renewTime: expect.stringMatching(MICRO_TIME),
    },
  });
});

test("updates what it read: others' fields and annotations stay, who manages what is the server's", async () => {
  server.setLease('n/l', {
    metadata: { ...metadata, annotations: { note: 'mine', [CURSOR_ANNOTATION]: 'old' }, ...managed() },
    spec: { holderIdentity: 'other', strategy: 'theirs' },
  });
  const read = await api.read(never);
  if (read === undefined) throw new Error('not there');
  await api.update(read, { holderIdentity: 'me' }, never);
  expect(server.lease('n/l')).toMatchObject({
    metadata: { annotations: { note: 'mine', [CURSOR_ANNOTATION]: 'old' } },
    spec: { holderIdentity: 'me', strategy: 'theirs' },
  });
  expect(server.lease('n/l')?.metadata).not.toHaveProperty('managedFields');
  await expect(api.update(read, { holderIdentity: 'me' }, never)).rejects.toMatchObject({ status: 409 });
});

test('a Lease that is not there is none; one that may not be read is an error', async () => {
  expect(await api.read(never)).toBeUndefined();
  server.intercept((_, _request, response) => {
    fail(response, 403, 'Forbidden', 'no');
    return true;
  });
  await expect(api.read(never)).rejects.toMatchObject({ status: 403 });
});

test.each([
  [10_000, 5000],
  [30_000, 5000],
  [6000, 3000],
])('with a deadline of %i ms a call may take %i ms: a second one must fit before it', async (renewDeadlineMs, ms) => {
  const limits: number[] = [];
  const counting: ApiClient = {
    ...client,
    json: async ({ timeoutMs }) => void limits.push(timeoutMs),
  };
  const calls = createLeaseApi(counting, { ...metadata, identity: 'me' }, { durationMs: 15_000, renewDeadlineMs });
  const lease = await calls.read(never);
  await calls.create({}, never);
  if (lease !== undefined) await calls.update(lease, {}, never);
  expect(limits).toEqual([ms, ms, ms]);
});

function managed(): object {
  return { managedFields: [{ manager: 'kubectl' }] };
}
