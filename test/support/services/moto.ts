import axios from 'axios';
import * as z from 'zod/mini';

import { installOnce, type Service } from './cache.ts';
import { launch, serviceFolder } from './child.ts';
import { freePorts } from './ports.ts';
import { installPythonPackages } from './python.ts';
import { fromEnvironment, type Lifecycle } from './service.ts';

/** Moto's server, for services of AWS that LocalStack has not, or only as a server that listens on every interface. */
export const moto: Service = {
  name: 'moto',
  version: '5.2.5',
  buildTools: ['python3'],
  runTools: ['python3'],
  install: (folder) => installPythonPackages(folder, 'moto-requirements.txt'),
};

const endpoint = z.object({
  /** `http://127.0.0.1:<port>`, for all services */
  url: z.string(),
});

export type MotoEndpoint = Readonly<z.infer<typeof endpoint>>;

/** The account of whoever has no keys that moto made. */
export const MOTO_ACCOUNT = '123456789012';
export const MOTO_REGION = 'us-east-1';

export interface MotoService extends MotoEndpoint, Lifecycle {
  /** For the clients of a test. */
  readonly access: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
}

/** Starts one, which is empty; it keeps all in its memory, and nothing over a restart. */
export async function startMoto(): Promise<MotoService> {
  const found = fromEnvironment(moto, endpoint);
  if (found !== undefined) return withAccess(found);

  const packages = await installOnce(moto);
  const folder = await serviceFolder('moto');
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const lifecycle = await launch({
    name: moto.name,
    folder,
    command: ['python3', '-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
    env: { PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: '1' },
    isReady: async () =>
      (await axios.get(`${url}/moto-api/data.json`, { timeout: 2_000, proxy: false })).status === 200,
  });
  return withAccess({ url, ...lifecycle });
}

function withAccess(service: MotoEndpoint & Lifecycle): MotoService {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return { ...service, access: { endpoint: service.url, region: MOTO_REGION, credentials } };
}
