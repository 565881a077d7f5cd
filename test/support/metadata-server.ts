import type { ServerResponse } from 'node:http';
import type { Interceptor } from './api-server.ts';

/** Metadata of an object, as a test writes it. */
export interface ScriptedObject {
  /** Where it is: `/api/v1/namespaces/shop/pods/web-0`. */
  readonly path: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly controller?: { readonly apiVersion: string; readonly kind: string; readonly name: string };
}

const resources: Readonly<Record<string, readonly { name: string; kind: string; namespaced: boolean }[]>> = {
  '/api/v1': [
    { name: 'pods', kind: 'Pod', namespaced: true },
    { name: 'pods/log', kind: 'Pod', namespaced: true },
    { name: 'nodes', kind: 'Node', namespaced: false },
    { name: 'namespaces', kind: 'Namespace', namespaced: false },
    { name: 'secrets', kind: 'Secret', namespaced: true },
  ],
  '/apis/apps/v1': [
    { name: 'deployments', kind: 'Deployment', namespaced: true },
    { name: 'replicasets', kind: 'ReplicaSet', namespaced: true },
  ],
};

/** The part of an API server that says what resources there are, and of objects their metadata, if it is asked for no more. */
export interface MetadataServer {
  readonly intercept: Interceptor;
  /** Paths asked for, in order, less discovery and namespaces' watches. */
  readonly asked: readonly string[];
  put(object: ScriptedObject): void;
  /** Takes over answers for objects, until called with undefined. */
  script(answer: ((path: string, response: ServerResponse) => void) | undefined): void;
}

export function metadataServer(...initial: readonly ScriptedObject[]): MetadataServer {
  const objects = new Map(initial.map((object) => [object.path, object]));
  const asked: string[] = [];
  let answer: ((path: string, response: ServerResponse) => void) | undefined;

  function reply(response: ServerResponse, status: number, body: object): void {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  }

  return {
    asked,
    put: (object) => void objects.set(object.path, object),
    script(next) {
      answer = next;
    },
    intercept(url, request, response) {
      const { pathname: path } = url;
      if (/\/(events|leases)(\/|$)/.test(path) || path === '/version') return false;
      const accept = request.headers.accept ?? '';
      const known = resources[path];
      if (known !== undefined) reply(response, 200, { kind: 'APIResourceList', resources: known });
      else if (path === '/api/v1/namespaces') {
        if (url.searchParams.get('watch') === 'true') {
          response.writeHead(200, { 'content-type': 'application/json' });
          response.flushHeaders();
          return true;
        }
        const items = [...objects.values()].filter((object) => /^\/api\/v1\/namespaces\/[^/]+$/.test(object.path));
        const isAllowed = accept.includes('as=PartialObjectMetadataList');
        reply(response, isAllowed ? 200 : 406, { metadata: { resourceVersion: '1' }, items: items.map(partialOf) });
      } else {
        asked.push(path);
        const object = objects.get(path);
        if (answer !== undefined) answer(path, response);
        else if (!accept.includes('as=PartialObjectMetadata;')) reply(response, 406, { reason: 'NotAcceptable' });
        else if (object === undefined) reply(response, 404, { kind: 'Status', code: 404, reason: 'NotFound' });
        else reply(response, 200, partialOf(object));
      }
      return true;
    },
  };
}

function partialOf({ path, labels, annotations, controller }: ScriptedObject): object {
  const [, namespace] = /\/namespaces\/([^/]+)\/./.exec(path) ?? [];
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: {
      name: path.split('/').at(-1),
      namespace,
      labels,
      annotations,
      ...(controller && { ownerReferences: [{ ...controller, uid: 'u', controller: true }] }),
    },
  };
}
