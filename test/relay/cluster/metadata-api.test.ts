import { expect, test } from 'vitest';
import type { ApiRequest } from '../../../relay/cluster/api-client.ts';
import { ApiError } from '../../../relay/cluster/api-error.ts';
import { createMetadataApi } from '../../../relay/cluster/metadata-api.ts';

const never = new AbortController().signal;
const pods = { apiVersion: 'v1', name: 'pods', namespaced: true };
const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

/** An API of which every request is answered like this, and the requests. */
function apiOf(answer: unknown) {
  const asked: ApiRequest[] = [];
  const api = createMetadataApi(
    {
      async json(request) {
        asked.push(request);
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
    2000,
  );
  return { api, asked };
}

test('the resources of a group version are those with a kind, and no parts of them', async () => {
  const resources = [
    { name: 'pods', kind: 'Pod', namespaced: true },
    { name: 'pods/log', kind: 'Pod', namespaced: true },
    { name: 'nodes', kind: 'Node', namespaced: false },
    { name: 'odd', kind: 'Odd', namespaced: 'true' },
    { name: 'none', kind: '', namespaced: true },
    { name: '../v1', kind: 'Other', namespaced: true },
    { name: 7, kind: 'Seven' },
    'text',
  ];
  const { api, asked } = apiOf({ resources });
  expect([...(await api.resources('v1', never))]).toEqual([
    ['Pod', pods],
    ['Node', { apiVersion: 'v1', name: 'nodes', namespaced: false }],
    ['Odd', { apiVersion: 'v1', name: 'odd', namespaced: false }],
  ]);
  await api.resources('apps/v1', never);
  expect(asked.map(({ path, accept, timeoutMs }) => [path, accept, timeoutMs])).toEqual([
    ['/api/v1', undefined, 2000],
    ['/apis/apps/v1', undefined, 2000],
  ]);
});

test('a group version that the server does not have has none, and any other failure is one', async () => {
  expect((await apiOf(new ApiError(404, {})).api.resources('a/v1', never)).size).toBe(0);
  await expect(apiOf(new ApiError(403, {})).api.resources('a/v1', never)).rejects.toThrow('403');
  await expect(apiOf(new Error('no')).api.resources('a/v1', never)).rejects.toThrow('no');
});

test("an object's metadata is asked for where the object is, and nothing else of it", async () => {
  const { api, asked } = apiOf({ metadata: { name: 'a' }, spec: {} });
  expect(await api.metadata(pods, 'shop', 'a', never)).toEqual({ name: 'a' });
  await api.metadata({ apiVersion: 'apps/v1', name: 'deployments', namespaced: true }, 's?', 'a/b', never);
  await api.metadata({ apiVersion: 'v1', name: 'nodes', namespaced: false }, 'shop', 'n', never);
  expect(asked.map(({ path, accept }) => [path, accept])).toEqual([
    ['/api/v1/namespaces/shop/pods/a', METADATA],
    ['/apis/apps/v1/namespaces/s%3F/deployments/a%2Fb', METADATA],
    ['/api/v1/nodes/n', METADATA],
  ]);
});

test('a request ends with its signal', async () => {
  const { api, asked } = apiOf({});
  const stopping = new AbortController();
  await api.resources('v1', stopping.signal);
  stopping.abort();
  expect(asked[0]?.signal.aborted).toBe(true);
});
