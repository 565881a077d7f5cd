import { FILL_IN } from '../report.ts';
import type { SinkMapping } from './sink.ts';
import { reportCluster, splitCredentials, urlOf } from './sink-uri.ts';

const NO_EFFECT = 'had no effect there';

export const influxdb: SinkMapping = {
  type: 'influxdb',
  options: [
    'db',
    'user',
    'pw',
    'withfields',
    'insecuressl',
    'cluster_name',
    'retention',
    'disable_counter_metrics',
    'concurrency',
  ],
  unneeded: { retention: NO_EFFECT, disable_counter_metrics: NO_EFFECT, concurrency: NO_EFFECT },
  map(source) {
    const { uri, options } = source;
    const address = splitCredentials(urlOf(uri.base, `http://${FILL_IN}:8086`, source));
    const username = options.one('user') ?? address.username;
    const password = options.one('pw') ?? address.password;
    reportCluster('cluster_name', source);
    return {
      document: {
        endpoint: address.url,
        api: 'v1',
        database: options.one('db') ?? 'k8s',
        layout: options.one('withfields') === 'true' ? 'kube-eventer-fields' : 'kube-eventer',
        ...(username && { username }),
        ...(options.one('insecuressl') === 'true' && { tls: { insecure: true } }),
      },
      secrets: password ? { password } : {},
    };
  },
};
