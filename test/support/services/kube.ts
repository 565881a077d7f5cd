import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { join } from 'node:path';

import axios from 'axios';
import * as z from 'zod/mini';

import { installOnce, type Service } from './cache.ts';
import { launch, serviceFolder } from './child.ts';
import { buildGo, type Go } from './go.ts';
import { freePorts } from './ports.ts';
import { fromEnvironment, type Lifecycle } from './service.ts';

const MINOR_AND_PATCH = '37.2';

/** A kube-apiserver with the etcd it needs in the same process, built from the public Go modules of both. */
export const kube: Service = {
  name: 'kube',
  version: `1.${MINOR_AND_PATCH}`,
  buildTools: ['go'],
  runTools: [],
  install: (folder) =>
    buildGo({
      folder,
      output: 'kube',
      main: MAIN,
      module: goModule,
      ldflags: [
        `-X k8s.io/component-base/version.gitVersion=v1.${MINOR_AND_PATCH}`,
        '-X k8s.io/component-base/version.gitMajor=1',
        `-X k8s.io/component-base/version.gitMinor=${MINOR_AND_PATCH.split('.')[0]}`,
      ].join(' '),
    }),
};

const endpoint = z.object({
  /** `https://127.0.0.1:<port>` */
  url: z.string(),
  /** PEM file of the certificate authority behind `url`. */
  caFile: z.string(),
  /** Bearer token of a member of system:masters. */
  token: z.string(),
  /** etcd's HTTP gateway without authentication: `POST /v3/kv/compaction` with `{"revision": "N"}` makes older watches expire. */
  etcdUrl: z.string(),
});

export type KubeEndpoint = Readonly<z.infer<typeof endpoint>>;

export interface KubeService extends KubeEndpoint, Lifecycle {
  /** Writes a kubeconfig for the administrator, or for the bearer of another token. */
  readonly writeKubeconfig: (file: string, token?: string) => Promise<void>;
}

export interface KubeOptions {
  /** Further kube-apiserver flags, such as `--event-ttl=20s` or `--feature-gates=WatchList=false`. */
  readonly flags?: readonly string[];
}

/** Starts a kube-apiserver (RBAC on, no controllers, no nodes) whose `default` namespace is ready for use. */
export async function startKube(options: KubeOptions = {}): Promise<KubeService> {
  const found = fromEnvironment(kube, endpoint);
  if (found !== undefined) return withKubeconfig(found);

  const program = join(await installOnce(kube), 'kube');
  const folder = await serviceFolder('kube');
  const [port, etcdPort, peerPort] = await freePorts(3);
  const token = randomUUID();
  const serviceAccountKey = join(folder, 'service-accounts.key');
  const tokens = join(folder, 'tokens.csv');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(serviceAccountKey, privateKey.export({ type: 'pkcs1', format: 'pem' }));
  await writeFile(tokens, `${token},admin,admin,system:masters\n`);

  const service: KubeEndpoint = {
    url: `https://127.0.0.1:${port}`,
    caFile: join(folder, 'apiserver.crt'),
    token,
    etcdUrl: `http://127.0.0.1:${etcdPort}`,
  };
  const lifecycle = await launch({
    name: kube.name,
    folder,
    command: [
      program,
      `--etcd-servers=${service.etcdUrl}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      `--cert-dir=${folder}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${serviceAccountKey}`,
      `--service-account-signing-key-file=${serviceAccountKey}`,
      '--service-cluster-ip-range=10.0.0.0/24',
      // neither a service in front of the API nor service accounts' tokens in pods: no controller would provide them
      '--endpoint-reconciler-type=none',
      '--disable-admission-plugins=ServiceAccount',
      '--authorization-mode=RBAC',
      `--token-auth-file=${tokens}`,
      ...(options.flags ?? []),
    ],
    env: {
      ETCD_DIR: join(folder, 'etcd'),
      ETCD_CLIENT: `127.0.0.1:${etcdPort}`,
      ETCD_PEER: `127.0.0.1:${peerPort}`,
    },
    isReady: () => isReady(service),
    // with a watch open it would wait for the watch to end; etcd's data survives a kill
    graceMs: 1_000,
  });
  return withKubeconfig({ ...service, ...lifecycle });
}

/** "Ready" comes before the namespaces that the API server creates for itself, and events need one. */
async function isReady(service: KubeEndpoint): Promise<boolean> {
  const client = axios.create({
    baseURL: service.url,
    headers: { Authorization: `Bearer ${service.token}` },
    httpsAgent: new Agent({ ca: await readFile(service.caFile) }),
    timeout: 2_000,
    proxy: false,
  });
  await client.get('/readyz');
  await client.get('/api/v1/namespaces/default');
  return true;
}

function withKubeconfig(service: KubeEndpoint & Lifecycle): KubeService {
  return {
    ...service,
    writeKubeconfig: (file, token = service.token) =>
      writeFile(
        file,
        JSON.stringify({
          apiVersion: 'v1',
          kind: 'Config',
          'current-context': 'test',
          contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
          clusters: [{ name: 'test', cluster: { server: service.url, 'certificate-authority': service.caFile } }],
          users: [{ name: 'test', user: { token } }],
        }),
        { mode: 0o600 },
      ),
  };
}

/**
 * k8s.io/kubernetes refers to the modules it is made of by their path in its own repository. The same modules are
 * published as v0.<minor>.<patch>, so the build replaces each path with that.
 */
async function goModule(go: Go): Promise<string> {
  const kubernetes = `k8s.io/kubernetes@v1.${MINOR_AND_PATCH}`;
  const { GoMod } = z.object({ GoMod: z.string() }).parse(JSON.parse(await go('mod', 'download', '-json', kubernetes)));
  const original = (await readFile(GoMod, 'utf8')).split('\n');
  const staging = original.flatMap((line) => /^\s*(k8s\.io\/[a-z-]+) => \.\/staging\//.exec(line)?.[1] ?? []);
  return [
    'module kube',
    ...original.filter((line) => /^(go|godebug) /.test(line)),
    `require k8s.io/kubernetes v1.${MINOR_AND_PATCH}`,
    ...staging.map((module) => `replace ${module} => ${module} v0.${MINOR_AND_PATCH}`),
    '',
  ].join('\n');
}

const MAIN = `package main

import (
	"log"
	"net/url"
	"os"

	"go.etcd.io/etcd/server/v3/embed"
	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() {
	config := embed.NewConfig()
	config.Dir = os.Getenv("ETCD_DIR")
	config.LogLevel = "error"
	config.UnsafeNoFsync = true
	config.ListenClientUrls = urls("ETCD_CLIENT")
	config.AdvertiseClientUrls = config.ListenClientUrls
	config.ListenPeerUrls = urls("ETCD_PEER")
	config.AdvertisePeerUrls = config.ListenPeerUrls
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	store, err := embed.StartEtcd(config)
	if err != nil {
		log.Fatal(err)
	}
	<-store.Server.ReadyNotify()
	os.Exit(cli.Run(app.NewAPIServerCommand()))
}

func urls(name string) []url.URL {
	return []url.URL{{Scheme: "http", Host: os.Getenv(name)}}
}
`;
