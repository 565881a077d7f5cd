import { listOf, recordOf, textOf } from '../../functions/core/contract/untrusted.ts';
import type { ApiClient } from './api-client.ts';
import { ApiError } from './api-error.ts';
import { type ApiTiming, createCollectionApi, type EventApi } from './event-api.ts';

/** What the API server says about objects: their metadata, and nothing of what they hold. */
export interface MetadataApi {
  /** The resources of a group version (`v1`, `apps/v1`), by the kind of their objects. None if the server has no such version. */
  resources(apiVersion: string, signal: AbortSignal): Promise<ReadonlyMap<string, Resource>>;
  /**
   * An object's metadata, as it came.
   * @param namespace of no meaning where the resource has none.
   * @throws {ApiError} among others, for what the API server answers.
   */
  metadata(resource: Resource, namespace: string, name: string, signal: AbortSignal): Promise<unknown>;
}

export interface Resource {
  readonly apiVersion: string;
  /** As it stands in a path: `pods`. */
  readonly name: string;
  readonly namespaced: boolean;
}

const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** @param timeoutMs for a request as a whole. */
export function createMetadataApi(client: Pick<ApiClient, 'json'>, timeoutMs: number): MetadataApi {
  /** A request may wait three times: for credentials, for the head of the answer, for its end. */
  async function ask(path: string, signal: AbortSignal, accept?: string): Promise<unknown> {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    return client.json({ path, timeoutMs, signal: limited, ...(accept !== undefined && { accept }) });
  }

  return {
    async resources(apiVersion, signal) {
      try {
        const answer = recordOf(await ask(rootOf(apiVersion), signal));
        return new Map(listOf(answer['resources']).flatMap((each) => resourceEntries(apiVersion, each)));
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return new Map();
        throw error;
      }
    },
    async metadata({ apiVersion, name: resource, namespaced }, namespace, name, signal) {
      const place = namespaced ? `/namespaces/${encodeURIComponent(namespace)}` : '';
      const path = `${rootOf(apiVersion)}${place}/${resource}/${encodeURIComponent(name)}`;
      return recordOf(await ask(path, signal, METADATA))['metadata'];
    },
  };
}

/** The metadata of all namespaces, as a list and a watch. */
export function createNamespaceApi(client: ApiClient, timing: ApiTiming): Pick<EventApi, 'page' | 'watch'> {
  return createCollectionApi(client, { path: '/api/v1/namespaces', listAs: METADATA_LIST, watchAs: METADATA }, timing);
}

function rootOf(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** What else is listed are parts of resources, such as `pods/log`. */
function resourceEntries(apiVersion: string, value: unknown): readonly (readonly [string, Resource])[] {
  const { name, kind, namespaced } = recordOf(value);
  if (textOf(kind) === '' || !/^[a-z0-9-]+$/.test(textOf(name))) return [];
  return [[textOf(kind), { apiVersion, name: textOf(name), namespaced: namespaced === true }]];
}
