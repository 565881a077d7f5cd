import { at, isMapping, scalarText, textAt, type Mapping } from '../documents.ts';
import { asWritten } from '../environment.ts';
import type { Report } from '../report.ts';
import { itemsOf } from './options.ts';

/** kubernetes-event-exporter's configuration, as far as it means something here. */
export interface ExporterConfig {
  readonly route: unknown;
  readonly receivers: ReadonlyMap<string, Mapping>;
  /** The only namespace it watches, if it names one. */
  readonly namespace: string | undefined;
}

// Settings of the process itself, which the relay has in its own way or does not need.
const UNNEEDED: readonly string[] = [
  'logLevel',
  'logFormat',
  'leaderElection',
  'kubeQPS',
  'kubeBurst',
  'metricsNamePrefix',
  'cacheSize',
  'omitLookup',
];

/** Reads the top level and reports what has no counterpart. */
export function readConfig(document: Mapping, report: Report): ExporterConfig {
  const receivers = new Map<string, Mapping>();
  for (const [index, receiver] of itemsOf(document, 'receivers', '', report).entries()) {
    const name = scalarText(at(receiver, 'name'));
    if (!isMapping(receiver) || name === undefined) {
      report.add('refuse', `receivers[${index}]`, 'has no name');
      continue;
    }
    if (receivers.has(name))
      report.add('note', `receivers[${index}]`, `${name} comes twice: the last one counts, as there`);
    receivers.set(name, receiver);
  }
  for (const name of Object.keys(document)) {
    if (UNNEEDED.includes(name)) report.add('note', name, 'has no counterpart and is not needed');
    else if (
      !['route', 'receivers', 'namespace', 'clusterName', 'maxEventAgeSeconds', 'throttlePeriod'].includes(name)
    ) {
      report.add('not carried', name, 'is no setting of kubernetes-event-exporter that is known here');
    }
  }
  const cluster = scalarText(document['clusterName']);
  if (cluster !== undefined)
    report.add('not carried', 'clusterName', `set the relay's CLUSTER_NAME to ${asWritten(cluster)}`);
  for (const name of ['maxEventAgeSeconds', 'throttlePeriod']) {
    if (document[name] !== undefined) {
      report.add(
        'not carried',
        name,
        'no event is left out for its age here: that cut is how events were lost (5 s by default)',
      );
    }
  }
  const namespace = textAt(document, 'namespace');
  return {
    route: document['route'],
    receivers,
    namespace: namespace === undefined || namespace === '' ? undefined : asWritten(namespace),
  };
}
