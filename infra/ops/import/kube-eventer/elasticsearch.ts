import type { Mapping } from '../documents.ts';
import { FILL_IN } from '../report.ts';
import { oneOrList } from '../patterns.ts';
import type { SinkMapping, SinkSource } from './sink.ts';
import { reportCluster, splitCredentials, urlOf } from './sink-uri.ts';

/** Any of them turns signing on in kube-eventer. */
const AWS_KEYS = ['AWS_ACCESS_KEY_ID', 'AWS_ACCESS_KEY', 'AWS_SECRET_ACCESS_KEY', 'AWS_SECRET_KEY'];

export const elasticsearch: SinkMapping = {
  type: 'elasticsearch',
  options: [
    'nodes',
    'index',
    'esUserName',
    'esUserSecret',
    'use_namespace',
    'cluster_name',
    'pipeline',
    'sigv4',
    'ver',
    'maxRetries',
    'healthCheck',
    'sniff',
    'startupHealthcheckTimeout',
    'bulkWorkers',
  ],
  unneeded: {
    ver: 'every version from 7.10 on is spoken to in the same way',
    maxRetries: 'what fails is retried from its queue',
    healthCheck: 'not needed',
    sniff: 'not needed: give all nodes as endpoint',
    startupHealthcheckTimeout: 'not needed',
    bulkWorkers: 'events travel in batches of their queue',
  },
  map(source) {
    const { options } = source;
    const nodes = options.all('nodes');
    const bases = nodes.length > 0 ? nodes : [source.uri.base];
    const addresses = bases.map((base) => splitCredentials(urlOf(base, `https://${FILL_IN}:9200`, source)));
    const [first] = addresses;
    const username = options.one('esUserName') ?? first?.username;
    const password = options.one('esUserSecret') ?? first?.password;
    // Any value turns it on, even false.
    const byNamespace = options.one('use_namespace') !== undefined ? '-${ event.eventNamespace }' : '';
    reportCluster('cluster_name', source);
    const pipeline = options.one('pipeline');
    return {
      document: {
        endpoint: oneOrList(addresses.map(({ url }) => url)),
        mode: 'daily',
        index: `${options.one('index') ?? 'heapster'}${byNamespace}`,
        format: 'kube-eventer',
        ...(pipeline && { pipeline }),
        ...signing(source),
        ...(username && { username }),
      },
      secrets: password ? { password } : {},
    };
  },
};

function signing({ options, environment, place, report }: SinkSource): Mapping {
  const asked = options.one('sigv4') !== undefined;
  const key = AWS_KEYS.find((name) => environment(name) !== undefined);
  if (!asked && key === undefined) return {};
  report.add(
    'changed',
    `${place} ${asked ? 'sigv4' : (key ?? '')}`,
    "requests are signed with the function's own role: grant it es:ESHttpPost on the domain",
  );
  return { awsService: 'es' };
}
