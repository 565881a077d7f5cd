import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterAccess } from './api-client.ts';

/** Where Kubernetes mounts a pod's identity. */
export const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Access from inside a pod. Token and authority are read at each connection: both are rotated in place. */
export function serviceAccountAccess(
  host: string,
  port: string,
  folder: string = SERVICE_ACCOUNT_FOLDER,
): ClusterAccess {
  const server = new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`);
  return {
    description: `the cluster this pod runs in (${server.host})`,
    async credentials() {
      const [token, ca] = await Promise.all([
        readFile(join(folder, 'token'), 'utf8'),
        readFile(join(folder, 'ca.crt'), 'utf8'),
      ]);
      return { server, headers: { authorization: `Bearer ${token.trim()}` }, tls: { ca } };
    },
  };
}
