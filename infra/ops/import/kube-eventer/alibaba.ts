import type { Mapping } from '../documents.ts';
import { FILL_IN, FILL_IN_LABEL } from '../report.ts';
import type { SinkMapping, SinkSource } from './sink.ts';
import { reportCluster } from './sink-uri.ts';

/** Log Service. */
export const sls: SinkMapping = {
  type: 'sls',
  options: ['project', 'logStore', 'topic', 'regionId', 'label', 'internal', 'accessKeyId', 'accessKeySecret'],
  unneeded: {},
  map(source) {
    const { options, environment, place, report } = source;
    const project = options.one('project') ?? FILL_IN_LABEL;
    const topic = options.one('topic');
    const host = environment('SLS_ENDPOINT')?.replace(/^https?:\/\//, '');
    const fields: Record<string, string> = {};
    for (const label of options.all('label')) {
      const [name = '', value, ...others] = label.split(',');
      if (value === undefined || others.length > 0) {
        report.add('not carried', `${place} label`, 'is not key,value, and is ignored there too');
      } else fields[name] = value;
    }
    return {
      document: {
        project,
        logstore: options.one('logStore') ?? FILL_IN,
        region: regionOf(source),
        ...reachable(source),
        ...(host && { endpoint: `https://${host.startsWith(`${project}.`) ? host : `${project}.${host}`}` }),
        ...(topic && { topic }),
        ...(Object.keys(fields).length > 0 && { fields }),
        format: 'kube-eventer',
      },
      secrets: accessKey(source),
    };
  },
};

/** EventBridge, whose key is not in kube-eventer's documentation. */
export const eventbridge: SinkMapping = {
  type: 'alibaba-eventbridge',
  options: ['clusterId', 'eventBusName', 'regionId', 'internal', 'accessKeyId', 'accessKeySecret'],
  unneeded: {},
  map(source) {
    const { options, environment, place, report } = source;
    const account = environment('OwnerAccountId');
    if (account === undefined) {
      report.add(
        'fill in',
        place,
        'the account is not in the file (OwnerAccountId): put its number in place of 0 as accountId',
      );
    }
    const clusterId = options.one('clusterId') ?? environment('ClusterId');
    const eventBus = options.one('eventBusName') ?? environment('EventBusName');
    reportCluster('clusterId', source);
    return {
      document: {
        accountId: account ?? '0',
        region: regionOf(source),
        ...(clusterId && { clusterId }),
        ...(eventBus && { eventBus }),
        ...reachable(source),
      },
      secrets: accessKey(source),
    };
  },
};

/** The variable wins over the option. */
function regionOf({ options, environment, place, report }: SinkSource): string {
  const region = environment('RegionId') ?? options.one('regionId');
  // Read in any case, so that it does not count as unknown.
  options.one('regionId');
  if (region !== undefined) return region;
  report.add('fill in', place, `has no region, which there came from the machine: put it in place of ${FILL_IN_LABEL}`);
  return FILL_IN_LABEL;
}

function accessKey({ options, environment }: SinkSource): Mapping {
  return {
    accessKeyId: options.one('accessKeyId') ?? environment('AccessKeyId') ?? FILL_IN,
    accessKeySecret: options.one('accessKeySecret') ?? environment('AccessKeySecret') ?? FILL_IN,
  };
}

/** There the internal address is the default; from AWS it cannot be reached. */
function reachable({ options, place, report }: SinkSource): Mapping {
  if (options.one('internal') !== 'false') {
    report.add(
      'changed',
      `${place} internal`,
      "the public address is used: AWS cannot reach the one inside Alibaba Cloud's network",
    );
  }
  return {};
}
